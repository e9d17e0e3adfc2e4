package ai.liberclaw.agent.journal;

import static ai.liberclaw.db.agent.Tables.MESSAGES;

import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.model.ContentBlocks;
import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.Model;
import ai.liberclaw.agent.model.Reply;
import ai.liberclaw.agent.model.VisionLog;
import ai.liberclaw.agent.turn.SideCalls;
import ai.liberclaw.agent.turn.TurnEvent;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jooq.DSLContext;
import org.jooq.Record3;
import org.jspecify.annotations.Nullable;

/** Keeps descriptions of pictures with the rows that have the pictures. */
public final class VisionStore implements VisionLog {
  /** In a row's metadata: one text for each picture, in their order; empty where there is none. */
  private static final String DESCRIPTIONS = "image_descriptions";

  private final CommitQueue commits;
  private final TurnStore turns;
  private final EventStore events;
  private final SideCalls sideCalls;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public VisionStore(
      DSLContext sql,
      CommitQueue commits,
      EventStore events,
      SideCalls sideCalls,
      UnaryOperator<String> mask) {
    this.commits = commits;
    this.sideCalls = sideCalls;
    this.turns = new TurnStore(sql);
    this.events = events;
    this.mask = mask;
  }

  @Override
  public void delegated(String turnId, String imageId, String model, boolean ok) {
    turns
        .find(turnId)
        .ifPresent(turn ->
            commits.run(tx ->
                events.append(
                    tx, turn, List.of(new TurnEvent.VisionDelegation(imageId, model, ok)))));
  }

  @Override
  public void answered(String turnId, Model asked, Reply reply) {
    sideCalls.add(turnId, asked, reply);
  }

  @Override
  public void described(String chatId, Image image) {
    commits.run(tx -> {
      List<Record3<Long, String, String>> rows =
          tx.sql()
              .select(MESSAGES.ID, MESSAGES.CONTENT, MESSAGES.METADATA)
              .from(MESSAGES)
              .where(MESSAGES.CHAT_ID.eq(chatId))
              .and(MESSAGES.ROLE.eq("user"))
              .and(MESSAGES.COMPACTED.isFalse())
              .and(MESSAGES.CONTENT.startsWith("[{"))
              .orderBy(MESSAGES.ID.desc())
              .fetch();
      for (Record3<Long, String, String> row : rows) {
        describe(tx, row, image);
      }
    });
  }

  private void describe(Transaction tx, Record3<Long, String, String> row, Image image) {
    List<Image> images = ContentBlocks.message(row.value2(), descriptions(row.value3())).images();
    if (images.stream().noneMatch(same -> same.base64().equals(image.base64()))) {
      return;
    }
    ArrayNode all = Json.array();
    for (Image one : images) {
      boolean same = one.base64().equals(image.base64());
      all.add(same ? mask.apply(image.description()) : one.description());
    }
    tx.sql()
        .update(MESSAGES)
        .set(MESSAGES.METADATA, Json.write(Json.object().set(DESCRIPTIONS, all)))
        .where(MESSAGES.ID.eq(row.value1()))
        .execute();
  }

  /** The descriptions in a row's metadata; none when there is nothing of the kind. */
  static List<String> descriptions(@Nullable String metadata) {
    if (metadata == null || !metadata.contains(DESCRIPTIONS)) {
      return List.of();
    }
    List<String> descriptions = new ArrayList<>();
    try {
      for (JsonNode text : Json.parse(metadata).path(DESCRIPTIONS)) {
        descriptions.add(text.asText());
      }
    } catch (JsonException _) {
      // Written by somebody else.
    }
    return descriptions;
  }
}

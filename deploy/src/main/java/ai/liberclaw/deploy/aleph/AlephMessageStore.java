package ai.liberclaw.deploy.aleph;

import static ai.liberclaw.db.platform.Tables.ALEPH_MESSAGES;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.currentInstant;

import ai.liberclaw.db.platform.tables.records.AlephMessagesRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Rows of messages. One is there, signed, before it goes out; that it is about to go out is noted
 * before it does, so a message that is still {@code signed} is nobody's but ours. Every method
 * works in the context it is given.
 */
public final class AlephMessageStore {
  /** Marks a machine of which the network has forgotten all, while its node could not be asked. */
  public static final String UNCONFIRMED = "unconfirmed";

  private AlephMessageStore() {}

  /** How far a message has come. */
  public enum Status {
    /** Never sent. */
    SIGNED,
    /** Sent, or about to be. */
    SENT,
    PROCESSED,
    REJECTED,
    /** Of no effect any more, or never sent. */
    FORGOTTEN;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A kept message.
   *
   * @param nodeUrl the node an INSTANCE is for; empty for others
   */
  public record Kept(
      AlephMessage message,
      Optional<UUID> instanceId,
      String nodeHash,
      String nodeUrl,
      Status status,
      Optional<String> errorCode,
      Instant createdAt,
      Instant updatedAt) {
    public String hash() {
      return message.hash();
    }

    /** Whether there may be a machine of it. */
    public boolean live() {
      return status == Status.SENT || status == Status.PROCESSED;
    }
  }

  /** Keeps a machine's message, not sent yet. */
  public static void insertInstance(
      DSLContext sql, AlephMessage message, UUID instanceId, String nodeHash, String nodeUrl) {
    insert(sql, message, instanceId, null, nodeHash, nodeUrl);
  }

  /** Keeps a message that ends another. */
  public static void insertForget(
      DSLContext sql, AlephMessage message, Optional<UUID> instanceId, String targetHash) {
    insert(sql, message, instanceId.orElse(null), targetHash, null, null);
  }

  private static void insert(
      DSLContext sql,
      AlephMessage message,
      @Nullable UUID instanceId,
      @Nullable String targetHash,
      @Nullable String nodeHash,
      @Nullable String nodeUrl) {
    sql.insertInto(ALEPH_MESSAGES)
        .set(ALEPH_MESSAGES.ITEM_HASH, message.hash())
        .set(ALEPH_MESSAGES.INSTANCE_ID, instanceId)
        .set(ALEPH_MESSAGES.TYPE, message.type().name())
        .set(ALEPH_MESSAGES.TARGET_HASH, targetHash)
        .set(ALEPH_MESSAGES.NODE_HASH, nodeHash)
        .set(ALEPH_MESSAGES.NODE_URL, nodeUrl)
        .set(ALEPH_MESSAGES.MESSAGE, message.text())
        .onConflictDoNothing()
        .execute();
  }

  /**
   * Notes that a message is about to go out.
   *
   * @return false when it must not: it was given up meanwhile
   */
  public static boolean sending(DSLContext sql, String hash) {
    return sql.update(ALEPH_MESSAGES)
            .set(ALEPH_MESSAGES.STATUS, Status.SENT.key())
            .set(ALEPH_MESSAGES.UPDATED_AT, currentInstant())
            .where(ALEPH_MESSAGES.ITEM_HASH.eq(hash))
            .and(ALEPH_MESSAGES.STATUS.in(Status.SIGNED.key(), Status.SENT.key()))
            .execute()
        == 1;
  }

  /**
   * Gives a message up that was never sent.
   *
   * @return false when it may be out
   */
  public static boolean giveUp(DSLContext sql, String hash) {
    return sql.update(ALEPH_MESSAGES)
            .set(ALEPH_MESSAGES.STATUS, Status.FORGOTTEN.key())
            .set(ALEPH_MESSAGES.UPDATED_AT, currentInstant())
            .where(ALEPH_MESSAGES.ITEM_HASH.eq(hash))
            .and(ALEPH_MESSAGES.STATUS.eq(Status.SIGNED.key()))
            .execute()
        == 1;
  }

  /** Notes what the network made of a message. */
  public static void moveTo(
      DSLContext sql, String hash, Status status, Optional<String> errorCode) {
    sql.update(ALEPH_MESSAGES)
        .set(ALEPH_MESSAGES.STATUS, status.key())
        .set(ALEPH_MESSAGES.ERROR_CODE, errorCode.orElse(null))
        .set(ALEPH_MESSAGES.UPDATED_AT, currentInstant())
        .where(ALEPH_MESSAGES.ITEM_HASH.eq(hash))
        .execute();
  }

  public static Optional<Kept> find(DSLContext sql, String hash) {
    return sql.selectFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.ITEM_HASH.eq(hash))
        .fetchOptional(AlephMessageStore::kept);
  }

  /** All machines ever ordered for an instance, oldest first. */
  public static List<Kept> ofInstance(DSLContext sql, UUID instanceId) {
    return sql.selectFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.INSTANCE_ID.eq(instanceId))
        .and(ALEPH_MESSAGES.TYPE.eq(AlephMessage.Type.INSTANCE.name()))
        .orderBy(ALEPH_MESSAGES.CREATED_AT)
        .fetch(AlephMessageStore::kept);
  }

  /** The newest message that ends another and was not refused. */
  public static Optional<Kept> forgetOf(DSLContext sql, String targetHash) {
    return sql.selectFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.TARGET_HASH.eq(targetHash))
        .and(ALEPH_MESSAGES.TYPE.eq(AlephMessage.Type.FORGET.name()))
        .and(ALEPH_MESSAGES.STATUS.ne(Status.REJECTED.key()))
        .orderBy(ALEPH_MESSAGES.CREATED_AT.desc())
        .limit(1)
        .fetchOptional(AlephMessageStore::kept);
  }

  /** Hashes of all machines that may be there. */
  public static Set<String> live(DSLContext sql) {
    return new HashSet<>(
        sql.select(ALEPH_MESSAGES.ITEM_HASH)
            .from(ALEPH_MESSAGES)
            .where(ALEPH_MESSAGES.TYPE.eq(AlephMessage.Type.INSTANCE.name()))
            .and(ALEPH_MESSAGES.STATUS.in(Status.SENT.key(), Status.PROCESSED.key()))
            .fetch(ALEPH_MESSAGES.ITEM_HASH));
  }

  /** How many machines may be there, or are about to be, by their node's URL. */
  public static Map<String, Integer> perNode(DSLContext sql) {
    return sql.select(ALEPH_MESSAGES.NODE_URL, count())
        .from(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.TYPE.eq(AlephMessage.Type.INSTANCE.name()))
        .and(ALEPH_MESSAGES.NODE_URL.isNotNull())
        .and(
            ALEPH_MESSAGES.STATUS.in(
                Status.SIGNED.key(), Status.SENT.key(), Status.PROCESSED.key()))
        .groupBy(ALEPH_MESSAGES.NODE_URL)
        .fetchMap(ALEPH_MESSAGES.NODE_URL, count());
  }

  /** Machines whose node could not yet be asked whether they are gone. */
  public static List<Kept> unconfirmed(DSLContext sql) {
    return sql.selectFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.TYPE.eq(AlephMessage.Type.INSTANCE.name()))
        .and(ALEPH_MESSAGES.STATUS.eq(Status.FORGOTTEN.key()))
        .and(ALEPH_MESSAGES.ERROR_CODE.eq(UNCONFIRMED))
        .fetch(AlephMessageStore::kept);
  }

  /** Those of the given hashes that are kept here. */
  public static Map<String, Kept> known(DSLContext sql, Collection<String> hashes) {
    return sql.selectFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.ITEM_HASH.in(hashes))
        .fetchMap(ALEPH_MESSAGES.ITEM_HASH, AlephMessageStore::kept);
  }

  /**
   * Drops messages of no effect any more.
   *
   * @param before of their last change
   * @return how many
   */
  public static int purge(DSLContext sql, Instant before) {
    return sql.deleteFrom(ALEPH_MESSAGES)
        .where(ALEPH_MESSAGES.UPDATED_AT.lt(before))
        .and(
            ALEPH_MESSAGES
                .STATUS
                .in(Status.FORGOTTEN.key(), Status.REJECTED.key())
                .or(ALEPH_MESSAGES.TYPE.ne(AlephMessage.Type.INSTANCE.name())))
        .execute();
  }

  private static Kept kept(AlephMessagesRecord row) {
    return new Kept(
        AlephMessage.parse(row.getMessage()),
        Optional.ofNullable(row.getInstanceId()),
        Optional.ofNullable(row.getNodeHash()).orElse(""),
        Optional.ofNullable(row.getNodeUrl()).orElse(""),
        Status.valueOf(row.getStatus().toUpperCase(Locale.ROOT)),
        Optional.ofNullable(row.getErrorCode()),
        row.getCreatedAt(),
        row.getUpdatedAt());
  }
}

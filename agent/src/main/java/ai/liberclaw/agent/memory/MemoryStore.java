package ai.liberclaw.agent.memory;

import static ai.liberclaw.db.agent.Tables.MEMORY_RECORDS;
import static ai.liberclaw.db.agent.Tables.MESSAGES;
import static ai.liberclaw.db.agent.Tables.TOOL_CALLS;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.agent.journal.CommitQueue.Transaction;
import ai.liberclaw.agent.journal.Timestamps;
import ai.liberclaw.agent.tool.Untrusted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record6;
import org.jooq.SelectConditionStep;
import org.jooq.SelectJoinStep;
import org.jspecify.annotations.Nullable;

/** Facts as they are stored. One of no chat is for all of them. */
public final class MemoryStore {
  /** Tool results of one turn that are looked at for where they came from. */
  private static final int RESULTS_LOOKED_AT = 200;

  /** Kind of the records that mark files; they are no facts, and archived from the start. */
  private static final String FILE_KIND = "memory_file";

  private static final String MEMORY_FOLDER = "memory/";
  private static final Pattern MEMORY_FILE = Pattern.compile("memory/[A-Za-z0-9._-]{1,80}\\.md");
  private static final int FILES_MARKED_MAX = 20;

  /** How long a mark is shown. */
  private static final Duration MARKED = Duration.ofDays(30);

  /** Tools whose calls name files but change none. */
  private static final List<String> READERS =
      List.of("read_file", "read_many_files", "list_dir", "glob", "grep", "send_file", "spawn");

  private static final String BLOCK = "[untrusted content from ";

  private final DSLContext sql;
  private final CommitQueue commits;
  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets in what is stored
   */
  public MemoryStore(DSLContext sql, CommitQueue commits, UnaryOperator<String> mask) {
    this.sql = sql;
    this.commits = commits;
    this.mask = mask;
  }

  /**
   * Stores a fact; one that is there already only becomes the newest again.
   *
   * @param chatId absent: for all chats
   * @param metadata JSON
   * @return its id
   */
  long remember(
      Optional<String> chatId,
      String kind,
      String content,
      String source,
      Optional<String> metadata) {
    String hidden = mask.apply(content);
    Condition scope =
        chatId.map(MEMORY_RECORDS.CHAT_ID::eq).orElseGet(MEMORY_RECORDS.CHAT_ID::isNull);
    return commits.commit(tx -> {
      Optional<Long> known =
          tx.sql()
              .select(MEMORY_RECORDS.ID)
              .from(MEMORY_RECORDS)
              .where(scope)
              .and(MEMORY_RECORDS.KIND.eq(kind))
              .and(MEMORY_RECORDS.CONTENT.eq(hidden))
              .limit(1)
              .fetchOptional(MEMORY_RECORDS.ID);
      if (known.isPresent()) {
        tx.sql()
            .update(MEMORY_RECORDS)
            .set(MEMORY_RECORDS.ARCHIVED, false)
            .set(MEMORY_RECORDS.UPDATED_AT, Timestamps.now())
            .where(MEMORY_RECORDS.ID.eq(known.get()))
            .execute();
        return known.get();
      }
      return insert(tx, chatId.orElse(null), kind, hidden, mask.apply(source), metadata);
    });
  }

  /** The facts a chat may know that were stored or confirmed last, the newest first. */
  List<Fact> newest(String chatId, int limit) {
    return facts()
        .where(visible(chatId))
        .and(MEMORY_RECORDS.ARCHIVED.isFalse())
        .orderBy(MEMORY_RECORDS.UPDATED_AT.desc(), MEMORY_RECORDS.ID.desc())
        .limit(limit)
        .fetch(MemoryStore::fact);
  }

  /**
   * Facts a chat may know, the newest first.
   *
   * @param query a part of the content; empty: any
   * @param kind empty: any
   */
  List<Fact> search(String chatId, String query, String kind, int limit, boolean includeArchived) {
    SelectConditionStep<Record6<Long, String, String, String, Boolean, String>> found =
        facts().where(visible(chatId)).and(MEMORY_RECORDS.KIND.ne(FILE_KIND));
    if (!query.isEmpty()) {
      found = found.and(MEMORY_RECORDS.CONTENT.containsIgnoreCase(query));
    }
    if (!kind.isEmpty()) {
      found = found.and(MEMORY_RECORDS.KIND.equalIgnoreCase(kind));
    }
    if (!includeArchived) {
      found = found.and(MEMORY_RECORDS.ARCHIVED.isFalse());
    }
    return found
        .orderBy(MEMORY_RECORDS.UPDATED_AT.desc(), MEMORY_RECORDS.ID.desc())
        .limit(limit)
        .fetch(MemoryStore::fact);
  }

  /** Where the content from outside came from that the model was shown in a turn so far. */
  List<String> untrustedSources(String turnId) {
    return sql
        .select(MESSAGES.CONTENT)
        .from(MESSAGES)
        .where(MESSAGES.TURN_ID.eq(turnId))
        .and(MESSAGES.ROLE.eq("tool"))
        .and(MESSAGES.CONTENT.contains(BLOCK))
        .orderBy(MESSAGES.ID)
        .limit(RESULTS_LOOKED_AT)
        .fetch(MESSAGES.CONTENT)
        .stream()
        .flatMap(content -> Untrusted.sources(content).stream())
        .distinct()
        .toList();
  }

  /** Notes which memory files a turn has written that had read content from outside. */
  public void markFiles(String turnId) {
    Set<String> written = new TreeSet<>();
    sql.select(TOOL_CALLS.ARGUMENTS)
        .from(TOOL_CALLS)
        .where(TOOL_CALLS.TURN_ID.eq(turnId))
        .and(TOOL_CALLS.NAME.notIn(READERS))
        .and(TOOL_CALLS.ARGUMENTS.contains(MEMORY_FOLDER))
        .fetch(TOOL_CALLS.ARGUMENTS)
        .forEach(arguments ->
            MEMORY_FILE.matcher(arguments).results().forEach(path -> written.add(path.group())));
    List<String> sources = written.isEmpty() ? List.of() : untrustedSources(turnId);
    if (sources.isEmpty()) {
      return;
    }
    String source = mask.apply(RememberFactTool.untrusted(sources));
    commits.run(tx ->
        written.stream()
            .limit(FILES_MARKED_MAX)
            .forEach(path -> {
              tx.sql().deleteFrom(MEMORY_RECORDS).where(mark(path)).execute();
              long id = insert(tx, null, FILE_KIND, path, source, Optional.empty());
              tx.sql()
                  .update(MEMORY_RECORDS)
                  .set(MEMORY_RECORDS.ARCHIVED, true)
                  .where(MEMORY_RECORDS.ID.eq(id))
                  .execute();
            }));
  }

  /** What from outside a turn had read that wrote a memory file lately; empty when none had. */
  public String fileSource(String path) {
    return sql.select(MEMORY_RECORDS.SOURCE)
        .from(MEMORY_RECORDS)
        .where(mark(path))
        .and(MEMORY_RECORDS.UPDATED_AT.gt(Timestamps.of(Instant.now().minus(MARKED))))
        .fetchOptional(MEMORY_RECORDS.SOURCE)
        .orElse("");
  }

  private static Condition mark(String path) {
    return MEMORY_RECORDS.KIND.eq(FILE_KIND).and(MEMORY_RECORDS.CONTENT.eq(path));
  }

  private static long insert(
      Transaction tx,
      @Nullable String chatId,
      String kind,
      String content,
      String source,
      Optional<String> metadata) {
    String now = Timestamps.now();
    return tx.sql()
        .insertInto(MEMORY_RECORDS)
        .set(MEMORY_RECORDS.CHAT_ID, chatId)
        .set(MEMORY_RECORDS.KIND, kind)
        .set(MEMORY_RECORDS.CONTENT, content)
        .set(MEMORY_RECORDS.SOURCE, source)
        .set(MEMORY_RECORDS.METADATA, metadata.orElse(null))
        .set(MEMORY_RECORDS.CREATED_AT, now)
        .set(MEMORY_RECORDS.UPDATED_AT, now)
        .returning(MEMORY_RECORDS.ID)
        .fetchSingle(MEMORY_RECORDS.ID);
  }

  private static Condition visible(String chatId) {
    return MEMORY_RECORDS.CHAT_ID.isNull().or(MEMORY_RECORDS.CHAT_ID.eq(chatId));
  }

  private SelectJoinStep<Record6<Long, String, String, String, Boolean, String>> facts() {
    return sql.select(
            MEMORY_RECORDS.ID,
            MEMORY_RECORDS.KIND,
            MEMORY_RECORDS.CONTENT,
            MEMORY_RECORDS.SOURCE,
            MEMORY_RECORDS.ARCHIVED,
            MEMORY_RECORDS.CREATED_AT)
        .from(MEMORY_RECORDS);
  }

  private static Fact fact(Record6<Long, String, String, String, Boolean, String> stored) {
    return new Fact(
        stored.value1(),
        stored.value2(),
        stored.value3(),
        stored.value4(),
        stored.value5(),
        stored.value6());
  }
}

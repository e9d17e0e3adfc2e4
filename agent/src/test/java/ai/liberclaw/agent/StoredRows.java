package ai.liberclaw.agent;

import ai.liberclaw.agent.journal.CommitQueue;
import ai.liberclaw.db.sqlite.AgentDatabase;
import java.nio.file.Path;
import java.util.List;
import org.jooq.DSLContext;

/** An agent's file and its writer, without an agent. */
public final class StoredRows implements AutoCloseable {
  private final AgentDatabase database;
  private final CommitQueue commits;

  public StoredRows(Path folder) {
    database = AgentDatabase.open(folder.resolve("agent.db"));
    commits = new CommitQueue(database);
    commits.start(_ -> {});
  }

  public DSLContext sql() {
    return database.dsl();
  }

  public CommitQueue commits() {
    return commits;
  }

  /** Runs one statement. */
  public void run(String statement, Object... values) {
    database.dsl().execute(statement, values);
  }

  /** The first column of a query's rows, as text. */
  public List<String> values(String query) {
    return database.dsl().fetchValues(query).stream().map(String::valueOf).toList();
  }

  @Override
  public void close() {
    commits.close();
    database.close();
  }
}

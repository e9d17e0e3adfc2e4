package ai.liberclaw.db.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * On SQLite jOOQ's own {@code returning} gives a foreign row after a conflict, and one row of many:
 * see {@link InsertReturning}.
 */
class ReturningRuleTest {
  private static final Pattern RETURNING = Pattern.compile("\\.\\s*returning(Result)?\\(");
  private static final Pattern CONFLICT =
      Pattern.compile("\\.\\s*(onConflict\\w*|onDuplicateKey\\w*|valuesOfRows|valuesOfRecords)\\(");
  private static final Pattern VALUES = Pattern.compile("\\.\\s*values\\(");

  private static boolean breaksTheRule(String statement) {
    return RETURNING.matcher(statement).find()
        && (CONFLICT.matcher(statement).find() || VALUES.matcher(statement).results().count() > 1);
  }

  @Test
  void theRuleSeesWhatItIsFor() {
    assertTrue(
        breaksTheRule(
            "sql.insertInto(T).values(1)\n .onConflict(ID).doUpdate().set(A, 1)\n .returning(A).fetch()"));
    assertTrue(
        breaksTheRule("sql.insertInto(T, A).values(1).values(2).returningResult(ID).fetch()"));
    assertFalse(breaksTheRule("sql.insertInto(T, A).values(1).returningResult(ID).fetch()"));
    assertFalse(breaksTheRule("sql.update(T).set(A, 1).returningResult(ID).fetch()"));
    assertFalse(
        breaksTheRule(
            "InsertReturning.fetch(sql, sql.insertInto(T).values(1).onConflict(ID).doNothing(), ID)"));
  }

  @Test
  void nobodyWhoUsesSqliteCombinesReturningWithAConflictOrManyRows() throws IOException {
    List<String> found = new ArrayList<>();
    // The agent is the only one on SQLite.
    Path sources = Path.of("../agent/src/main/java");
    if (Files.isDirectory(sources)) {
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file :
            (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
          for (String statement : Files.readString(file).split(";", -1)) {
            if (breaksTheRule(statement)) {
              found.add(file + ": " + statement.strip());
            }
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }
}

package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every numbered weakness of the original has a test that is named after it: {@code a7…} for A7. A
 * row without one is a promise that nobody checks.
 */
class WeaknessesTest {
  private static final List<String> MODULES = List.of("api", "deploy", "db", "core");

  @Test
  void everyRowHasATestOfItsName() throws Exception {
    StringBuilder tests = new StringBuilder();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          tests.append(read(file));
        }
      }
    }
    List<String> missing = rows().stream().filter(row -> !isTested(row, tests)).toList();
    assertEquals(List.of(), missing, "weaknesses without a test of their name");
  }

  private static boolean isTested(String row, CharSequence tests) {
    String start = row.toLowerCase(Locale.ROOT);
    return Pattern.compile("@Test\\s[^;{}]*?\\bvoid " + start + "[A-Z]\\w*\\(")
        .matcher(tests)
        .find();
  }

  private static List<String> rows() {
    List<String> rows = new ArrayList<>();
    add(rows, "A", 13);
    add(rows, "B", 24);
    add(rows, "C", 24);
    add(rows, "D", 14);
    return rows;
  }

  private static void add(List<String> rows, String letter, int count) {
    for (int i = 1; i <= count; i++) {
      rows.add(letter + i);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }
}

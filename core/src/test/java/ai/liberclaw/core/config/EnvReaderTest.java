package ai.liberclaw.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvReaderTest {
  @TempDir Path folder;

  @Test
  void valuesAreReadAndTheirNamesKnowNoCase() {
    EnvReader read =
        new EnvReader(Map.of("port", "80", "FLAG", " Yes ", "List", "a, b,,", "Wait", "3"));
    assertEquals(80, read.integer("PORT", 8000, 0, 65535, "m"));
    assertTrue(read.flag("FLAG", false, "m"));
    assertEquals(List.of("a", "b"), read.list("LIST", List.of(), "m"));
    assertEquals(Duration.ofSeconds(3), read.seconds("WAIT", 5, 1, "m"));
    read.throwIfProblems();
  }

  @Test
  void whatIsAbsentOrBlankHasItsDefault() {
    EnvReader read = new EnvReader(Map.of("A", "  ", "N", ""));
    assertEquals("x", read.text("A", "x", "m"));
    assertEquals(7, read.integer("N", 7, 0, 9, "m"));
    assertEquals(Optional.empty(), read.optional("O", "m"));
    assertEquals("one", read.choice("C", "one", List.of("one", "two"), "m"));
    assertEquals(0.5, read.decimal("D", 0.5, 0, 1, "m"));
    read.throwIfProblems();
  }

  @Test
  void allProblemsComeInOneMessageWithoutValues() {
    EnvReader read =
        new EnvReader(
            Map.of(
                "PORT",
                "sk-secret",
                "BIG",
                "99",
                "FLAG",
                "sk-secret",
                "CHOICE",
                "sk-secret",
                "PART",
                "sk-secret"));
    read.integer("PORT", 8000, 0, 65535, "m");
    read.integer("BIG", 1, 0, 10, "m");
    read.flag("FLAG", false, "m");
    read.choice("CHOICE", "one", List.of("one", "two"), "m");
    read.decimal("PART", 0.5, 0, 1, "m");
    read.required("KEY", "m");
    ConfigException e = assertThrows(ConfigException.class, read::throwIfProblems);
    String message = String.valueOf(e.getMessage());
    assertEquals(6, e.problems().size(), message);
    for (String name : List.of("PORT", "BIG", "FLAG", "CHOICE", "PART", "KEY")) {
      assertTrue(message.contains(name), message);
    }
    assertTrue(message.contains("between 0 and 10"), message);
    assertFalse(message.contains("secret"), message);
    assertFalse(message.contains("99"), message);
  }

  @Test
  void theHelpTableComesFromTheReading() {
    String help =
        EnvReader.help(
            "serves things",
            read -> {
              read.integer("PORT", 8000, 0, 65535, "where it listens");
              read.required("KEY", "what it needs");
              read.throwIfProblems();
            });
    List<String> lines = help.lines().map(String::stripTrailing).toList();
    assertEquals("serves things", lines.getFirst());
    assertTrue(lines.contains("  PORT      8000      where it listens"), help);
    assertTrue(lines.contains("  KEY       required  what it needs"), help);
  }

  @Test
  void theEnvironmentWinsOverTheFile() throws IOException {
    Path file = folder.resolve(".env");
    Files.writeString(
        file,
        """
        # a comment
        A=file
          export B = "two words"
        C='x=y'
        d=lower

        E=
        """);
    Map<String, String> merged = DotEnv.merge(Map.of("A", "environment", "D", "upper"), file);
    assertEquals("environment", merged.get("A"));
    assertEquals("two words", merged.get("B"));
    assertEquals("x=y", merged.get("C"));
    assertEquals("upper", new EnvReader(merged).text("D", "", "m"));
    assertEquals("", merged.get("E"));
  }

  @Test
  void aMissingFileAddsNothing() {
    assertEquals(Map.of("A", "1"), DotEnv.merge(Map.of("A", "1"), folder.resolve("none")));
  }

  @Test
  void aLineWithoutAValueIsNamedByItsNumber() throws IOException {
    Path file = Files.writeString(folder.resolve(".env"), "A=1\nsk-secret\n");
    ConfigException e = assertThrows(ConfigException.class, () -> DotEnv.merge(Map.of(), file));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("line 2"), message);
    assertFalse(message.contains("secret"), message);
  }
}

package ai.liberclaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Weaknesses that agents like this one had before it, by number. Each is held off by tests whose
 * names begin with its own, such as {@code w6bNoCommandBreaksTheFraming}.
 */
final class WeaknessesTest {
  private static final List<String> NUMBERS =
      List.of(
          "1", "2", "3", "4", "5", "6", "6b", "6c", "7", "8", "9", "10", "10b", "11", "12", "13",
          "14", "15", "16", "17", "18", "19", "19b", "20", "21", "22", "23", "24", "25", "26", "27",
          "28", "29", "30", "31", "32", "33", "34", "35", "36", "37");

  @Test
  void eachOfThemHasATestThatIsNamedAfterIt() throws Exception {
    Path sources = Path.of("src/test/java");
    List<String> tests = new ArrayList<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
        String name = sources.relativize(file).toString().replace(".java", "");
        Class<?> type =
            Class.forName(
                name.replace(File.separatorChar, '.'), false, getClass().getClassLoader());
        for (Method method : type.getDeclaredMethods()) {
          if (AnnotationSupport.isAnnotated(method, Testable.class)) {
            tests.add(method.getName());
          }
        }
      }
    }
    List<String> missing = new ArrayList<>(NUMBERS);
    missing.removeIf(number -> tests.stream().anyMatch(t -> t.matches("w" + number + "[A-Z].*")));
    assertEquals(List.of(), missing);
  }
}

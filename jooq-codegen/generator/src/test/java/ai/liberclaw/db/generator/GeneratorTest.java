package ai.liberclaw.db.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
  private static final Path MODULES = Path.of("..");

  @Test
  void theCommittedTablesAreThoseOfTheMigrations(@TempDir Path fresh) throws Exception {
    Generator.generate(fresh.resolve("agent"), fresh.resolve("platform"));
    for (String schema : new String[] {"agent", "platform"}) {
      Map<String, String> committed = contents(MODULES.resolve(schema + "-tables/src/main/java"));
      Map<String, String> generated = contents(fresh.resolve(schema));
      assertEquals(generated.keySet(), committed.keySet(), "run: make codegen");
      generated.forEach(
          (file, text) -> assertEquals(text, committed.get(file), file + ": run make codegen"));
    }
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        contents.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return contents;
  }
}

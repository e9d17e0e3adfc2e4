package ai.liberclaw.agent.mcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ToolNamesTest {
  private final ToolNames names = new ToolNames();

  @Test
  void aNameTellsServerAndTool() {
    assertEquals("mcp_files_read-file", names.name("files", "read-file"));
  }

  @Test
  void longNamesAreShortenedAndStayApart() {
    Set<String> all = new HashSet<>();
    String start = "a".repeat(60);
    for (int i = 0; i < 100; i++) {
      String name = names.name("server", start + i);
      assertTrue(name.length() <= ToolNames.LENGTH_MAX && name.startsWith("mcp_server_aaa"), name);
      assertTrue(all.add(name));
      assertEquals(name, names.name("server", start + i), "it is the same each time");
      assertEquals(name, new ToolNames().name("server", start + i), "and in the next process");
    }
  }

  @Test
  void twoToolsWithTheSamePlainNameGetTwoNames() {
    String first = names.name("a_b", "c");
    String second = names.name("a", "b_c");
    assertEquals("mcp_a_b_c", first);
    assertNotEquals(first, second);
    assertTrue(second.startsWith("mcp_a_b_c_"), second);
    assertEquals(first, names.name("a_b", "c"));
  }
}

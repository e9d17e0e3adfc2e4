package ai.liberclaw.agent.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/** Schemas of tools that others have written: what they allow gets through. */
final class ArgumentCheckTest {
  private static String checked(String arguments, String schema) throws ArgumentCheck.Fault {
    return Json.write(ArgumentCheck.check(arguments, (ObjectNode) Json.parse(schema)));
  }

  private static void passes(String arguments, String schema) throws ArgumentCheck.Fault {
    assertEquals(arguments, checked(arguments, schema));
  }

  @Test
  void whatTheCheckDoesNotKnowIsLeftToTheTool() throws Exception {
    passes("{\"a\":1,\"b\":[2]}", "{\"type\":\"object\"}");
    passes("{\"a\":{\"x\":1}}", "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/A\"}}}");
    passes(
        "{\"a\":null}",
        "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}},"
            + "\"required\":[\"a\"]}");
    passes("{\"a\":\"x\"}", "{\"properties\":{\"a\":{\"type\":[\"integer\",\"string\"]}}}");
    passes("{\"a\":true}", "{\"properties\":{\"a\":true}}");
    passes("{\"x-1\":2}", "{\"properties\":{},\"additionalProperties\":{\"type\":\"integer\"}}");
    passes(
        "{\"x-1\":2}",
        "{\"properties\":{},\"patternProperties\":{\"^x-\":{}},\"additionalProperties\":false}");
    passes(
        "{\"a\":123456789012345678901234567890}",
        "{\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":0}}}");
    passes(
        "{\"a\":\"word\"}",
        "{\"properties\":{\"a\":{\"type\":[\"string\",\"number\"],\"minimum\":1}}}");
    passes("{\"a\":0.5}", "{\"properties\":{\"a\":{\"type\":\"number\",\"minimum\":0.3}}}");
  }

  @Test
  void nullIsKeptOnlyWhereItIsAValue() throws Exception {
    for (String type :
        new String[] {"\"null\"", "[\"string\",\"null\"]", "\"string\",\"nullable\":true"}) {
      passes("{\"a\":null}", "{\"properties\":{\"a\":{\"type\":" + type + "}}}");
    }
    for (String type : new String[] {"\"string\"", "[\"string\",\"integer\"]"}) {
      assertEquals(
          "{}", checked("{\"a\":null}", "{\"properties\":{\"a\":{\"type\":" + type + "}}}"));
    }
  }

  @Test
  void parametersThatCannotBeAreDropped() throws Exception {
    assertEquals(
        "{\"a\":1}",
        checked("{\"a\":1,\"b\":2}", "{\"properties\":{\"a\":{}},\"additionalProperties\":false}"));
  }

  @Test
  void aDefaultStandsForARequiredParameter() throws Exception {
    passes(
        "{}",
        "{\"properties\":{\"a\":{\"type\":\"string\",\"default\":\"x\"}},\"required\":[\"a\"]}");
    assertThrows(
        ArgumentCheck.Fault.class,
        () -> checked("{}", "{\"properties\":{\"a\":{}},\"required\":[\"a\"]}"));
  }

  @Test
  void numbersWrittenAsTextAreNumbers() throws Exception {
    String schema = "{\"properties\":{\"a\":{\"type\":\"number\",\"maximum\":2.5}}}";
    assertEquals("{\"a\":-1.5}", checked("{\"a\":\" -1.5 \"}", schema));
    ArgumentCheck.Fault fault =
        assertThrows(ArgumentCheck.Fault.class, () -> checked("{\"a\":3}", schema));
    assertEquals("parameter 'a' must be at most 2.5", fault.text());
    assertThrows(ArgumentCheck.Fault.class, () -> checked("{\"a\":\"1,5\"}", schema));
  }
}

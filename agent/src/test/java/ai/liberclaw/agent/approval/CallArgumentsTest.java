package ai.liberclaw.agent.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

final class CallArgumentsTest {
  @Test
  void equalArgumentsHaveOneFormAndOneHash() {
    CallArguments one =
        CallArguments.of("{ \"b\" : [ {\"y\":1, \"x\":\"\u00fc\"} ], \"a\" : null }");
    assertEquals("{\"a\":null,\"b\":[{\"x\":\"\u00fc\",\"y\":1}]}", one.canonical());
    assertEquals(one, CallArguments.of("{\"a\":null,\"b\":[{\"x\":\"\\u00fc\",\"y\":1}]}"));
    // printf '{"command":"ls"}' | sha256sum
    assertEquals(
        "4cf29611a66934862f29acfcc817e30b905c1ab73d5e65831413eb6b454d49db",
        CallArguments.of(" {\"command\" : \"ls\"}").hash());
    assertNotEquals(one.hash(), CallArguments.of("{\"a\":null}").hash());
    assertEquals("{}", CallArguments.of("").canonical());
    assertEquals("no json", CallArguments.of("no json").canonical());
  }
}

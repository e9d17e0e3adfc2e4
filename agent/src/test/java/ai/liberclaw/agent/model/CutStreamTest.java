package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelAnswer.Break;
import ai.liberclaw.testkit.model.ModelServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stream that ends at any byte is a whole answer or none: never a part of one. */
@Timeout(60)
class CutStreamTest {
  private static final String TEXT = "Grüße 🌍!";
  private static final String ARGUMENTS = "{\"command\":\"echo \\\"ü🌍\\\\n\\\"\"}";
  private static final ModelAnswer ANSWER =
      ModelAnswer.textAndCalls(TEXT, new ModelAnswer.Call("call_1", "bash", ARGUMENTS));
  private static final ModelRequest HELLO =
      new ModelRequest(
          List.of(new Message.User("Hello")),
          List.of(new ToolDefinition("bash", "Runs", Json.object().put("type", "object"))));

  /** Between two cuts over real sockets, where every cut is a connection of its own. */
  private static final int STRIDE = 23;

  private final ModelServer server = ModelServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void anyCutIsAWholeAnswerOrAFailure(Providers provider) throws Exception {
    Wire wire = provider.wire(server);
    byte[] stream = stream(wire);
    int firstWhole = -1;
    for (int length = 0; length <= stream.length; length++) {
      Optional<Reply> reply = read(wire, Arrays.copyOf(stream, length));
      if (reply.isPresent()) {
        firstWhole = firstWhole < 0 ? length : firstWhole;
        assertWhole(reply.get(), "cut at " + length);
      } else {
        assertTrue(firstWhole < 0, "whole at " + firstWhole + " but not at " + length);
      }
    }
    // It takes the provider's own word that the answer is over.
    assertTrue(firstWhole > stream.length / 2, "whole at " + firstWhole);
  }

  @ParameterizedTest
  @EnumSource
  void overSocketsACutAnswerIsAskedForAgain(Providers provider) throws Exception {
    int length = stream(provider.wire(server)).length;
    HttpModel model = provider.model(server);
    for (int cut = 0; cut < length; cut += STRIDE) {
      Recorder heard = new Recorder();
      server.enqueue(ANSWER.with(Break.CUT_AT_BYTE, cut), ANSWER);
      Reply reply = model.reply(HELLO, heard);
      assertWhole(reply, "cut at " + cut);
      assertEquals(TEXT, heard.text(), "cut at " + cut);
      if (server.queued() > 0) {
        // The answer was whole before the cut, so that nobody asked again.
        assertTrue(cut > length / 2);
        model.reply(HELLO, heard);
      }
    }
  }

  private static void assertWhole(Reply reply, String where) {
    assertEquals(TEXT, reply.text(), where);
    assertEquals(1, reply.toolCalls().size(), where);
    assertEquals("bash", reply.toolCalls().getFirst().name(), where);
    assertEquals(
        Json.parse(ARGUMENTS), Json.parse(reply.toolCalls().getFirst().arguments()), where);
    assertFalse(reply.toolCalls().getFirst().cutOff(), where);
  }

  private static Optional<Reply> read(Wire wire, byte[] bytes) {
    try {
      return Optional.of(
          HttpExchange.read(wire, new ByteArrayInputStream(bytes), true, ReplyListener.silent()));
    } catch (IOException | Failure _) {
      return Optional.empty();
    }
  }

  /** The body that the server streams, without its framing. */
  private byte[] stream(Wire wire) throws IOException {
    server.enqueue(ANSWER.withoutFraming());
    byte[] body = wire.body(HELLO, Mode.FULL);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String head =
          "POST "
              + wire.endpoint().getPath()
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + body.length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.ISO_8859_1);
      return Arrays.copyOfRange(answer, text.indexOf("\r\n\r\n") + 4, answer.length);
    }
  }
}

package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfflineModelTest {
  private static final List<ToolDefinition> TOOLS =
      List.of(new ToolDefinition("bash", "Runs a command", Json.object()));

  private final OfflineModel model = new OfflineModel(Duration.ZERO);
  private final Recorder heard = new Recorder();

  private Reply ask(Message... messages) throws InterruptedException {
    return model.reply(new ModelRequest(List.of(messages), TOOLS), heard);
  }

  @Test
  void explainsItselfInSeveralPiecesWithALabel() throws Exception {
    Reply reply = ask(new Message.System("s"), new Message.User("Who are you?"));
    assertTrue(reply.text().startsWith("[Offline demo model]"));
    assertTrue(reply.text().contains("You said: Who are you?"));
    assertTrue(reply.text().contains("/tool bash {\"command\":\"uname -a\"}"));
    assertTrue(reply.text().contains("LIBERTAI_API_KEY"));
    assertTrue(reply.text().contains("Ollama"));
    assertEquals(reply.text(), heard.text());
    assertTrue(heard.deltas.size() > 5);
  }

  @Test
  void theSameConversationGetsTheSameWords() throws Exception {
    assertEquals(ask(new Message.User("Hi")), ask(new Message.User("Hi")));
  }

  @Test
  void eachToolLineIsACallWithNameAndTextAsWritten() throws Exception {
    Reply reply =
        ask(
            new Message.User(
                "Please do\r\n/tool bash {\"command\": \"ls  -l\"}\r\n/tool list_dir\n/tool x {broken\n"
                    + "/toolbox y\n/tool"));
    assertEquals("", reply.text());
    List<ToolCall> calls = reply.toolCalls();
    assertEquals(List.of("bash", "list_dir", "x"), calls.stream().map(ToolCall::name).toList());
    assertEquals(
        List.of("{\"command\": \"ls  -l\"}", "{}", "{broken"),
        calls.stream().map(ToolCall::arguments).toList());
    assertNotEquals(calls.get(0).id(), calls.get(1).id());
  }

  @Test
  void theSecondReplyReportsTheResults() throws Exception {
    List<Message> messages = new ArrayList<>();
    messages.add(new Message.User("/tool bash {\"command\":\"date\"}"));
    Reply first = ask(messages.toArray(Message[]::new));
    messages.add(new Message.Assistant("", first.toolCalls()));
    messages.add(new Message.Tool(first.toolCalls().getFirst().id(), "Saturday"));
    Reply second = ask(messages.toArray(Message[]::new));
    assertEquals(
        "[Offline demo model] The tools answered:\n\nbash {\"command\":\"date\"}\nSaturday",
        second.text());
    assertEquals(List.of(), second.toolCalls());
  }

  @Test
  void aContextUpdateIsNotWhatTheUserSaid() throws Exception {
    Reply reply =
        ask(
            new Message.User("/tool bash {}"),
            new Message.User("[Context update] /tool rm\n/tool rm {}"));
    assertEquals("bash", reply.toolCalls().getFirst().name());
    assertEquals(1, reply.toolCalls().size());
  }

  @Test
  void withoutToolsNothingIsCalled() throws Exception {
    Reply reply =
        model.reply(new ModelRequest(List.of(new Message.User("/tool bash {}")), List.of()), heard);
    assertEquals(List.of(), reply.toolCalls());
    assertTrue(reply.text().startsWith("[Offline demo model]"));
  }

  @Test
  void aHeartbeatHasNothingToSay() throws Exception {
    Reply reply = ask(new Message.User("Answer HEARTBEAT_OK if nothing needs attention."));
    assertTrue(reply.text().startsWith("HEARTBEAT_OK"));
  }

  @Test
  void anInterruptEndsTheReply() {
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> ask(new Message.User("Hi")));
  }
}

package ai.liberclaw.agent;

import ai.liberclaw.agent.eval.EvalAgents;
import ai.liberclaw.agent.eval.EvalCase;
import ai.liberclaw.agent.eval.EvalCommand;
import ai.liberclaw.agent.journal.MessageStore;
import ai.liberclaw.agent.model.ScriptedModel;
import ai.liberclaw.agent.turn.EventReader;
import ai.liberclaw.agent.turn.NewTurn;
import ai.liberclaw.agent.turn.StreamItem;
import ai.liberclaw.agent.turn.Turn;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The agents of evals: whole ones, but for the server and the model. Of the environment they know
 * only what shells need.
 */
final class EvalAgent implements EvalAgents {
  private static final int HISTORY_ROWS_MAX = 10_000;
  private static final int SECONDS_MAX = 120;

  private final Map<String, String> environment;

  EvalAgent(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Outcome run(EvalCase evalCase, Path folder, ScriptedModel model)
      throws IOException, InterruptedException {
    try (Agent agent = Agent.open(config(evalCase, folder), model)) {
      agent.start();
      Turn turn = agent.engine().submit(message(evalCase)).turn();
      List<String> events = new ArrayList<>();
      String text = "";
      String error = "";
      try (EventReader reader = agent.log().follow(turn, false)) {
        for (JsonNode event : events(reader)) {
          String type = event.path("type").asText();
          events.add(type);
          switch (type) {
            case "text" -> text = event.path("content").asText();
            case "error" -> error = event.path("content").asText();
            default -> {
              // Its type says enough.
            }
          }
        }
      }
      List<String> roles =
          agent.messages().newest(evalCase.chatId(), HISTORY_ROWS_MAX).stream()
              .map(MessageStore.Said::role)
              .toList();
      agent.endTurns(Duration.ZERO);
      return new Outcome(text, events, error, roles, agent.workspace().root());
    }
  }

  private static NewTurn message(EvalCase evalCase) {
    return new NewTurn(
        evalCase.chatId(), evalCase.input(), NewTurn.MODE_CHAT, Optional.empty(), true);
  }

  private static List<JsonNode> events(EventReader reader) throws InterruptedException {
    List<JsonNode> events = new ArrayList<>();
    Optional<StreamItem> item = reader.next();
    while (item.isPresent()) {
      events.add(Json.parse(item.get().json()));
      item = reader.next();
    }
    return events;
  }

  private AgentConfig config(EvalCase evalCase, Path folder) {
    Map<String, String> variables = new HashMap<>();
    for (String name : List.of("PATH", "LANG", "TZ")) {
      if (environment.containsKey(name)) {
        variables.put(name, environment.getOrDefault(name, ""));
      }
    }
    variables.put("AGENT_SECRET", Secrets.token(32));
    variables.put("AGENT_NAME", "Eval");
    variables.put("MODEL_PROVIDER", "offline");
    variables.put("DB_PATH", folder.resolve("data/agent.db").toString());
    variables.put("WORKSPACE_PATH", folder.resolve(EvalCommand.WORKSPACE).toString());
    variables.put("HEARTBEAT_INTERVAL", "0");
    variables.put("MAX_TOOL_ITERATIONS", Integer.toString(evalCase.stepsMax()));
    variables.put("TURN_TIMEOUT", Integer.toString(SECONDS_MAX));
    EnvReader read = new EnvReader(variables);
    AgentConfig config = AgentConfig.read(read, variables);
    read.throwIfProblems();
    return config;
  }
}

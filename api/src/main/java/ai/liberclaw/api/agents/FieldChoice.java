package ai.liberclaw.api.agents;

import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.web.Exchange;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code ?fields=id,name}: what a client wants to know of each agent; everything by default. */
record FieldChoice(Set<String> names) {
  /**
   * @throws Invalid for a field that agents do not have
   */
  static FieldChoice of(Exchange exchange) {
    Set<String> names = exchange.query("fields").map(FieldChoice::split).orElse(AgentViews.FIELDS);
    if (!AgentViews.FIELDS.containsAll(names)) {
      throw new Invalid(
          Invalid.Fault.of(
              "literal_error",
              List.of("query", "fields"),
              "Input should be a comma-separated list of an agent's fields"));
    }
    return new FieldChoice(names);
  }

  ObjectNode of(ObjectNode agent) {
    return agent.retain(names);
  }

  private static Set<String> split(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).collect(Collectors.toSet());
  }
}

package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The tools a model is offered, always in the same order. A call never fails: whatever goes wrong
 * is a result that tells the model what it can do about it.
 */
public final class Toolbox {
  private static final Logger LOG = System.getLogger(Toolbox.class.getName());

  private final Map<String, Tool> tools = new LinkedHashMap<>();
  private final Map<String, ToolDefinition> definitions = new LinkedHashMap<>();
  private final Results results;

  public Toolbox(List<Tool> tools, Results results) {
    for (Tool tool : tools) {
      ToolDefinition definition = tool.definition();
      if (this.tools.put(definition.name(), tool) != null) {
        throw new IllegalArgumentException("two tools named " + definition.name());
      }
      definitions.put(definition.name(), definition);
    }
    this.results = results;
  }

  /** This toolbox and one more tool, which comes last. */
  public Toolbox with(Tool tool) {
    return with(List.of(tool));
  }

  /** This toolbox and more tools, which come last. */
  public Toolbox with(List<? extends Tool> added) {
    List<Tool> more = new ArrayList<>(tools.values());
    more.addAll(added);
    return new Toolbox(more, results);
  }

  /** This toolbox without some tools; a name it does not have makes no difference. */
  public Toolbox without(String... names) {
    Set<String> left = Set.of(names);
    return new Toolbox(
        tools.values().stream().filter(t -> !left.contains(t.definition().name())).toList(),
        results);
  }

  /** This toolbox with nothing but the tools that pass. */
  public Toolbox only(Predicate<Tool> passes) {
    return new Toolbox(tools.values().stream().filter(passes).toList(), results);
  }

  /** All tools in their order, also those that cannot work here. */
  public List<Tool> all() {
    return List.copyOf(tools.values());
  }

  /** What a model is offered: all tools that can work here. */
  public List<ToolDefinition> definitions() {
    return definitions(_ -> true);
  }

  /**
   * What a model is offered.
   *
   * @param visible false for tools to be left out
   */
  public List<ToolDefinition> definitions(Predicate<Tool> visible) {
    return tools.entrySet().stream()
        .filter(tool -> tool.getValue().unavailable().isEmpty() && visible.test(tool.getValue()))
        .map(tool -> definitions.get(tool.getKey()))
        .flatMap(Stream::ofNullable)
        .toList();
  }

  public Optional<Tool> find(String name) {
    return Optional.ofNullable(tools.get(name));
  }

  /**
   * The checked arguments of a call; empty for a call that would only tell what is wrong with it.
   */
  public Optional<ObjectNode> arguments(ToolCall call) {
    Tool tool = tools.get(call.name());
    if (tool == null || call.cutOff() || tool.unavailable().isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ArgumentCheck.check(call.arguments(), tool.definition().parameters()));
    } catch (ArgumentCheck.Fault _) {
      return Optional.empty();
    }
  }

  /** Whether calls of this tool may run side by side; false for an unknown one. */
  public boolean readOnly(String name) {
    Tool tool = tools.get(name);
    return tool != null && tool.readOnly();
  }

  /** Whether a call that may have happened can be made again; false for an unknown tool. */
  public boolean idempotent(String name) {
    Tool tool = tools.get(name);
    return tool != null && tool.idempotent();
  }

  /** Why a guard rail stands against this call; empty when none does, or when it cannot be made. */
  public Optional<String> guardReason(ToolCall call, ToolContext context) {
    Optional<ObjectNode> arguments = arguments(call);
    if (arguments.isEmpty()) {
      return Optional.empty();
    }
    try {
      return find(call.name()).flatMap(tool -> tool.guardReason(arguments.get(), context));
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "tool.guard_failed tool=" + call.name() + " call=" + call.id(), e);
      return Optional.of("the guard rails could not make out what it does");
    }
  }

  /**
   * Executes a call, unless a guard rail stands against it: then the result says so.
   *
   * @throws InterruptedException the turn was cancelled; nothing of the call goes on
   */
  public ToolResult call(ToolCall call, ToolContext context) throws InterruptedException {
    Optional<String> reason = guardReason(call, context);
    return reason.isPresent()
        ? bound(call.name(), ToolResult.blocked(reason.get()))
        : callApproved(call, context);
  }

  /**
   * Executes a call that somebody has allowed: guard rails are not asked.
   *
   * @throws InterruptedException the turn was cancelled; nothing of the call goes on
   */
  public ToolResult callApproved(ToolCall call, ToolContext context) throws InterruptedException {
    Tool tool = tools.get(call.name());
    if (tool == null) {
      return bound(call.name(), ToolResult.error("unknown tool '" + call.name() + "'"));
    }
    Optional<String> unavailable = tool.unavailable();
    if (unavailable.isPresent()) {
      return bound(
          call.name(),
          ToolResult.error("tool '" + call.name() + "' unavailable: " + unavailable.get()));
    }
    if (call.cutOff()) {
      return ToolResult.error(
          "the call was not executed: the reply was cut off inside its arguments. Repeat it with"
              + " shorter arguments, in several calls if need be");
    }
    ToolResult result;
    try {
      ObjectNode arguments = ArgumentCheck.check(call.arguments(), tool.definition().parameters());
      result = tool.call(arguments, context);
    } catch (ArgumentCheck.Fault e) {
      result = ToolResult.error(e.text());
    } catch (WorkspaceRefusal e) {
      result = ToolResult.error(e.text());
    } catch (ClosedByInterruptException e) {
      throw interrupted(e);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (Thread.interrupted()) {
        throw interrupted(e);
      }
      result = failed(call, e);
    }
    return tool.boundsResult() ? result : bound(call.name(), result);
  }

  private static InterruptedException interrupted(Exception cause) {
    Thread.interrupted();
    InterruptedException e = new InterruptedException("cancelled in a tool");
    e.initCause(cause);
    return e;
  }

  private static ToolResult failed(ToolCall call, Exception e) {
    boolean expected = e instanceof IOException;
    LOG.log(
        expected ? Level.INFO : Level.ERROR,
        "tool.failed tool=" + call.name() + " call=" + call.id(),
        e);
    String message = e.getMessage();
    // The message of a bug is for the log; it would tell the model nothing it can act on.
    String reason = expected && message != null ? message : e.getClass().getSimpleName();
    return ToolResult.of("Error executing " + call.name() + ": " + reason, true);
  }

  private ToolResult bound(String tool, ToolResult result) {
    return result.withContent(results.bound(tool, result.content()));
  }
}

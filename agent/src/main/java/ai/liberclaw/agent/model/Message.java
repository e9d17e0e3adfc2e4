package ai.liberclaw.agent.model;

import java.util.List;

/** One entry of a conversation as the model is shown it. */
public sealed interface Message {
  /** What the entry says; empty for an assistant that only called tools. */
  String content();

  /** Always written {@code Message.System}. */
  @SuppressWarnings("AvoidCommonTypeNames")
  record System(String content) implements Message {}

  /**
   * @param content its text
   * @param images shown after the text
   */
  record User(String content, List<Image> images) implements Message {
    public User {
      images = List.copyOf(images);
    }

    /** How the message begins in which the model is shown pictures that tools returned. */
    public static final String TOOL_IMAGES = "[Images returned by tools: ";

    public User(String content) {
      this(content, List.of());
    }
  }

  /**
   * @param content empty when the model only called tools
   * @param toolCalls in the order of the reply; empty when there are none
   */
  record Assistant(String content, List<ToolCall> toolCalls) implements Message {
    public Assistant {
      toolCalls = List.copyOf(toolCalls);
    }
  }

  /**
   * The result of one tool call.
   *
   * @param callId the id of the call it answers
   */
  record Tool(String callId, String content) implements Message {}
}

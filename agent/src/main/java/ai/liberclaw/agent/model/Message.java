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
    /** Stands for a picture that is not shown because newer ones are. */
    public static final String IMAGE_OMITTED = "[image omitted]";

    public User {
      images = List.copyOf(images);
    }

    public User(String content) {
      this(content, List.of());
    }

    /** The same without its first pictures, each of which leaves a note. */
    public User withoutOldest(int count) {
      if (count == 0) {
        return this;
      }
      StringBuilder text = new StringBuilder(content);
      for (int i = 0; i < count; i++) {
        text.append(text.isEmpty() ? "" : "\n").append(IMAGE_OMITTED);
      }
      return new User(text.toString(), images.subList(count, images.size()));
    }

    /** The same without pictures: each is a line with its description, or just {@code [image]}. */
    public User inWords() {
      if (images.isEmpty()) {
        return this;
      }
      StringBuilder words = new StringBuilder(content);
      for (Image image : images) {
        words.append(words.isEmpty() ? "" : "\n").append("[image");
        words.append(image.description().isEmpty() ? "" : ": ").append(image.description());
        words.append(']');
      }
      return new User(words.toString());
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

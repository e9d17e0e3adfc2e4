package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Makes one request smaller without touching what is stored. Lives as long as a turn: a result that
 * was left out once stays out, so that the request keeps its beginning.
 */
final class RequestFit {
  /** Results shorter than this gain nothing by being left out. */
  private static final int STUBBED_CHARS_MIN = 500;

  private static final int STUB_SAMPLE_CHARS = 120;

  /** Not even in need is a message cut below this. */
  private static final int SHORTENED_CHARS_MIN = 1_000;

  private final Set<Long> stubbed = new HashSet<>();

  /** The groups with the results that were left out before. */
  List<Group> apply(List<Group> groups) {
    return stubbed.isEmpty() ? groups : groups.stream().map(this::apply).toList();
  }

  /**
   * Leaves out tool results, the oldest first, until the groups are small enough or none is left.
   * The last group keeps its results: the model has not seen them yet.
   */
  List<Group> stubOldest(List<Group> groups, long guessMax) {
    long guess = Group.guess(apply(groups));
    for (Group group : groups.subList(0, Math.max(0, groups.size() - 1))) {
      for (Row row : group.rows()) {
        if (guess <= guessMax) {
          return apply(groups);
        }
        if (row.message() instanceof Message.Tool tool
            && tool.content().length() >= STUBBED_CHARS_MIN
            && row.id() != 0
            && stubbed.add(row.id())) {
          guess -= Tokens.guess(tool) - Tokens.guess(stub(tool));
        }
      }
    }
    return apply(groups);
  }

  /**
   * The last resort: drops the oldest groups, then shortens what is left. The newest user message
   * and the last group are never dropped, a summary only after everything else.
   */
  static List<Group> force(List<Group> groups, long guessMax) {
    List<Group> left = new ArrayList<>(groups);
    long guess = Group.guess(left);
    while (guess > guessMax) {
      int oldest = oldestDroppable(left);
      if (oldest < 0) {
        return shorten(left, guessMax);
      }
      guess -= left.remove(oldest).guess();
    }
    return left;
  }

  private static int oldestDroppable(List<Group> groups) {
    int newestUser = newestUser(groups);
    int summary = -1;
    for (int i = 0; i < groups.size() - 1; i++) {
      if (i == newestUser) {
        continue;
      }
      if (!Cut.isSummaryPair(groups, i)) {
        return i;
      }
      // The acknowledgement goes before its summary, which would not be known as one without it.
      summary = i;
    }
    return summary;
  }

  /** Index of the newest message that a user wrote, no summary; -1 when there is none. */
  static int newestUser(List<Group> groups) {
    for (int i = groups.size() - 1; i >= 0; i--) {
      if (groups.get(i).user() && !groups.get(i).summary(i == 0)) {
        return i;
      }
    }
    return -1;
  }

  private static List<Group> shorten(List<Group> groups, long guessMax) {
    List<Group> shorter = groups;
    int chars = longest(groups);
    while (Group.guess(shorter) > guessMax && chars > SHORTENED_CHARS_MIN) {
      int most = Math.max(chars / 2, SHORTENED_CHARS_MIN);
      shorter =
          map(
              groups,
              row ->
                  row.message().content().length() > most
                      ? row.with(cut(row.message(), most))
                      : row);
      chars = most;
    }
    return shorter;
  }

  private static int longest(List<Group> groups) {
    return groups.stream()
        .flatMap(group -> group.rows().stream())
        .mapToInt(row -> row.message().content().length())
        .max()
        .orElse(0);
  }

  /** Beginning and end of a message; never longer than {@code chars}. */
  private static Message cut(Message message, int chars) {
    String text = message.content();
    String note = "\n[… the middle of " + text.length() + " characters is left out …]\n";
    int half = (chars - note.length()) / 2;
    String shorter = Texts.head(text, half) + note + Texts.tail(text, half);
    return switch (message) {
      case Message.System _ -> new Message.System(shorter);
      case Message.User user -> new Message.User(shorter, user.images());
      case Message.Assistant assistant -> new Message.Assistant(shorter, assistant.toolCalls());
      case Message.Tool tool -> new Message.Tool(tool.callId(), shorter);
    };
  }

  private Group apply(Group group) {
    return map(
        group,
        row ->
            row.message() instanceof Message.Tool tool && stubbed.contains(row.id())
                ? row.with(stub(tool))
                : row);
  }

  private static Message.Tool stub(Message.Tool tool) {
    return new Message.Tool(
        tool.callId(),
        "[result left out to save space: "
            + tool.content().length()
            + " characters, beginning: "
            + Texts.oneLine(Texts.head(tool.content(), 2 * STUB_SAMPLE_CHARS), STUB_SAMPLE_CHARS)
            + "; call the tool again if it is needed]");
  }

  private static List<Group> map(List<Group> groups, UnaryOperator<Row> change) {
    return groups.stream().map(group -> map(group, change)).toList();
  }

  private static Group map(Group group, UnaryOperator<Row> change) {
    return new Group(group.rows().stream().map(change).toList());
  }
}

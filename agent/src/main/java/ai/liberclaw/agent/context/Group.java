package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.tool.Untrusted;
import java.util.List;

/**
 * Rows that only make sense together: a message, or an assistant's tool calls with all their
 * results. Histories are cut between groups, never inside one.
 */
record Group(List<Row> rows) {
  Group {
    rows = List.copyOf(rows);
  }

  boolean user() {
    return rows.getFirst().message() instanceof Message.User;
  }

  /**
   * Written by an earlier compaction. In a database of the original agent only the tag tells; there
   * it counts at the start of a history alone, as a user may have typed it elsewhere.
   */
  boolean summary(boolean first) {
    Row row = rows.getFirst();
    return row.summary()
        || (first
            && row.message() instanceof Message.User user
            && user.content().startsWith(Compaction.SUMMARY_TAG));
  }

  /** Whether a history has a summary in the place of older rows. */
  static boolean summarised(List<Group> groups) {
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).summary(i == 0)) {
        return true;
      }
    }
    return false;
  }

  /** Where the content from outside in tools' results came from, each source once. */
  static List<String> untrusted(List<Group> groups) {
    return groups.stream()
        .flatMap(group -> group.rows().stream())
        .filter(row -> row.message() instanceof Message.Tool)
        .flatMap(row -> Untrusted.sources(row.message().content()).stream())
        .distinct()
        .toList();
  }

  /** Characters' worth of tokens, without the ratio. */
  int guess() {
    int tokens = 0;
    for (Row row : rows) {
      tokens += Tokens.guess(row.message());
    }
    return tokens;
  }

  static int guess(List<Group> groups) {
    int tokens = 0;
    for (Group group : groups) {
      tokens += group.guess();
    }
    return tokens;
  }

  static int rowCount(List<Group> groups) {
    int rows = 0;
    for (Group group : groups) {
      rows += group.rows().size();
    }
    return rows;
  }
}

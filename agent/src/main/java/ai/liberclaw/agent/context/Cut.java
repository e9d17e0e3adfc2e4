package ai.liberclaw.agent.context;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a history is cut by a compaction.
 *
 * @param leaving indexes of the groups to summarise, ascending; empty when it is not worth it
 */
record Cut(List<Integer> leaving) {
  private static final Cut NONE = new Cut(List.of());

  /**
   * Decides what stays: the newest groups, beginning with a user's message. When that message is
   * further back than may stay (a long turn is cut in its middle), it stays alone, before the
   * newest groups, so that the model never loses the words it is working for. The very last group
   * always stays.
   *
   * @param keepRows at most
   * @param keepRowsMin not fewer, only to begin with a user's message
   * @param keepGuessMax size of what may stay
   */
  static Cut of(List<Group> groups, int keepRows, int keepRowsMin, int keepGuessMax) {
    if (groups.size() < 2) {
      return NONE;
    }
    int start = tailStart(groups, keepRows, keepGuessMax);
    int pinned = -1;
    if (!groups.get(start).user()) {
      int user = firstUserFrom(groups, start, keepRowsMin);
      if (user >= 0) {
        start = user;
      } else {
        pinned = lastUserBefore(groups, start, keepGuessMax);
      }
    }
    List<Integer> leaving = new ArrayList<>();
    boolean worthIt = false;
    for (int i = 0; i < start; i++) {
      if (i != pinned) {
        leaving.add(i);
        worthIt |= !isSummaryPair(groups, i);
      }
    }
    return worthIt ? new Cut(List.copyOf(leaving)) : NONE;
  }

  private static int tailStart(List<Group> groups, int keepRows, int keepGuessMax) {
    int start = groups.size() - 1;
    int rows = groups.get(start).rows().size();
    int guess = groups.get(start).guess();
    while (start > 0) {
      Group before = groups.get(start - 1);
      rows += before.rows().size();
      guess += before.guess();
      if (rows > keepRows || guess > keepGuessMax) {
        break;
      }
      start--;
    }
    return start;
  }

  private static int firstUserFrom(List<Group> groups, int start, int rowsMin) {
    int rows = Group.rowCount(groups.subList(start, groups.size()));
    for (int i = start; i < groups.size() && rows >= rowsMin; i++) {
      if (groups.get(i).user()) {
        return i;
      }
      rows -= groups.get(i).rows().size();
    }
    return -1;
  }

  private static int lastUserBefore(List<Group> groups, int start, int keepGuessMax) {
    for (int i = start - 1; i >= 0; i--) {
      Group group = groups.get(i);
      if (group.user() && !group.summary(i == 0)) {
        return group.guess() <= keepGuessMax / 2 ? i : -1;
      }
    }
    return -1;
  }

  /** A summary or the acknowledgement right after it: summarising those alone gains nothing. */
  static boolean isSummaryPair(List<Group> groups, int index) {
    return groups.get(index).summary(index == 0)
        || (index > 0
            && groups.get(index - 1).summary(index == 1)
            && groups.get(index).rows().size() == 1
            && !groups.get(index).user());
  }
}

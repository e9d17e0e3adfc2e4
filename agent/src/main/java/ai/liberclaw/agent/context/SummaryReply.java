package ai.liberclaw.agent.context;

import ai.liberclaw.agent.context.scan.ContextScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A model's answer to a {@link SummaryRequest}.
 *
 * @param facts what is worth keeping in memory, one line each
 */
record SummaryReply(String summary, List<String> facts) {
  private static final int FACTS_MAX = 10;
  private static final int FACT_CHARS_MAX = 300;
  private static final Pattern HEADING = Pattern.compile("[#*_\\s]*MEMORY[*_\\s]*:?[*_\\s]*");
  private static final Pattern ITEM = Pattern.compile("\\s*[-*\u2022]\\s+(.+)");

  SummaryReply {
    facts = List.copyOf(facts);
  }

  /**
   * Takes an answer apart.
   *
   * @param flush whether it was asked for facts; if not, all of it is the summary
   */
  static SummaryReply of(String text, boolean flush) {
    List<String> lines = text.lines().toList();
    int heading = -1;
    for (int i = 0; flush && i < lines.size(); i++) {
      if (HEADING.matcher(lines.get(i)).matches()) {
        heading = i;
      }
    }
    if (heading < 0) {
      return new SummaryReply(text, List.of());
    }
    List<String> facts = new ArrayList<>();
    for (String line : lines.subList(heading + 1, lines.size())) {
      var item = ITEM.matcher(line);
      if (item.matches() && facts.size() < FACTS_MAX && !ContextScanner.suspicious(line)) {
        facts.add(Texts.oneLine(item.group(1), FACT_CHARS_MAX));
      }
    }
    return new SummaryReply(String.join("\n", lines.subList(0, heading)), facts);
  }
}

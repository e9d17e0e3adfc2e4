package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.tool.file.LineReader;
import ai.liberclaw.agent.workspace.OpenFile;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/** Lines of a file with their numbers, read one after another. */
final class NumberedLines {
  private NumberedLines() {}

  /**
   * What was read.
   *
   * @param shown lines that were taken
   * @param last the number of the last line read; of all lines when the end was reached
   */
  record Outcome(long shown, long last) {}

  /**
   * Reads lines.
   *
   * @param offset the first one, counted from 1
   * @param taker gets each line as {@code <number><tab><line>}; false ends it, that line not
   *     counted
   */
  static Outcome read(OpenFile file, long offset, long limit, Predicate<String> taker)
      throws IOException, InterruptedException {
    LineReader lines = new LineReader(file.stream());
    long number = 0;
    long shown = 0;
    while (shown < limit) {
      Optional<String> line = lines.next();
      if (line.isEmpty()) {
        break;
      }
      number++;
      if (number >= offset) {
        if (!taker.test(number + "\t" + line.get())) {
          return new Outcome(shown, number - 1);
        }
        shown++;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return new Outcome(shown, number);
  }
}

package ai.liberclaw.agent.pdf;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pages as people write them: {@code 1}, {@code 1-3}, {@code 2,5}. */
public final class PageRange {
  private static final Pattern PART = Pattern.compile("([0-9]{1,6})(?:\\s*-\\s*([0-9]{1,6}))?");

  private PageRange() {}

  /**
   * The pages in their order, each once.
   *
   * @param max how many there may be
   * @throws PdfFault when that is not what the text says
   */
  public static List<Integer> of(String text, int max) throws PdfFault {
    SortedSet<Integer> pages = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      Matcher match = PART.matcher(part.strip());
      if (!match.matches()) {
        throw new PdfFault("pages must look like '1', '1-3' or '2,5', not '" + text + "'");
      }
      int first = Integer.parseInt(match.group(1));
      int last = match.group(2) == null ? first : Integer.parseInt(match.group(2));
      if (first < 1 || last < first) {
        throw new PdfFault(
            "pages are counted from 1, the smaller number first, not '" + text + "'");
      }
      if (last - first >= max) {
        throw tooMany(max);
      }
      for (int page = first; page <= last; page++) {
        pages.add(page);
      }
    }
    if (pages.size() > max) {
      throw tooMany(max);
    }
    return new ArrayList<>(pages);
  }

  private static PdfFault tooMany(int max) {
    return new PdfFault(
        "too many pages in one call (max " + max + "); ask for the rest in another");
  }
}

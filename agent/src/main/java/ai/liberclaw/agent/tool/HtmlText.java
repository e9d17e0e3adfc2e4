package ai.liberclaw.agent.tool;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeTraversor;
import org.jsoup.select.NodeVisitor;

/**
 * A page as text a model reads well: headings, lists and tables recognisable, links with their
 * addresses, without scripts, styles and navigation.
 */
public final class HtmlText {
  private static final Set<String> BLOCKS =
      Set.of(
          "p",
          "div",
          "section",
          "article",
          "main",
          "header",
          "footer",
          "aside",
          "ul",
          "ol",
          "dl",
          "dt",
          "dd",
          "table",
          "figure",
          "figcaption",
          "blockquote",
          "form",
          "fieldset",
          "address",
          "details",
          "summary",
          "hr",
          "pre",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6");
  private static final Set<String> APART =
      Set.of("p", "table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6");
  private static final String DROPPED =
      "script, style, noscript, template, nav, svg, iframe, object, head, button, select, dialog,"
          + " [hidden], [aria-hidden=true]";
  private static final int LISTS_INDENTED_MAX = 8;

  private HtmlText() {}

  /** Uses the document up. Its base address makes links absolute. */
  public static String of(Document page) {
    String title = page.title().strip();
    page.select(DROPPED).remove();
    Writer writer = new Writer();
    NodeTraversor.traverse(writer, page);
    String text =
        writer
            .out
            .toString()
            .replace('\u00a0', ' ')
            .replaceAll("[ \t]+\n", "\n")
            .replaceAll("\n{3,}", "\n\n")
            .strip();
    return title.isEmpty() || text.startsWith("# " + title) ? text : title + "\n\n" + text;
  }

  private static final class Writer implements NodeVisitor {
    private final StringBuilder out = new StringBuilder();
    private int preformatted;

    /** Items so far of each open list; -1 where they have no numbers. */
    private final Deque<Integer> items = new ArrayDeque<>();

    /** Targets of the links that are open. */
    private final Deque<String> links = new ArrayDeque<>();

    private boolean firstCell;

    @Override
    public void head(Node node, int depth) {
      switch (node) {
        case TextNode text -> text(text);
        case Element element -> open(element);
        default -> {
          // Comments and the like.
        }
      }
    }

    @Override
    public void tail(Node node, int depth) {
      if (node instanceof Element element) {
        close(element);
      }
    }

    private void text(TextNode node) {
      if (preformatted > 0) {
        out.append(node.getWholeText());
        return;
      }
      for (char c : node.getWholeText().toCharArray()) {
        if (!Character.isWhitespace(c)) {
          out.append(c);
        } else if (!out.isEmpty() && !Character.isWhitespace(out.charAt(out.length() - 1))) {
          out.append(' ');
        }
      }
    }

    private void open(Element element) {
      String name = element.normalName();
      if (BLOCKS.contains(name)) {
        newLines(APART.contains(name) && items.isEmpty() ? 2 : 1);
      }
      switch (name) {
        case "br" -> out.append('\n');
        case "hr" -> out.append("---\n");
        case "pre" -> preformatted++;
        case "h1", "h2", "h3", "h4", "h5", "h6" ->
            out.append("#".repeat(name.charAt(1) - '0')).append(' ');
        case "ul", "ol" -> items.addLast(name.equals("ol") ? 0 : -1);
        case "li" -> item();
        case "tr" -> {
          newLines(1);
          firstCell = true;
        }
        case "td", "th" -> {
          if (!firstCell) {
            out.append(" | ");
          }
          firstCell = false;
        }
        case "a" -> {
          String target = target(element);
          links.addLast(target);
          out.append(target.isEmpty() ? "" : "[");
        }
        case "img" -> {
          if (!element.attr("alt").isBlank()) {
            out.append("[image: ").append(element.attr("alt").strip()).append(']');
          }
        }
        default -> {
          // Inline, or without a meaning of its own.
        }
      }
    }

    private void close(Element element) {
      String name = element.normalName();
      switch (name) {
        case "pre" -> preformatted--;
        case "ul", "ol" -> items.removeLast();
        case "a" -> {
          String target = links.removeLast();
          if (!target.isEmpty()) {
            out.append("](").append(target).append(')');
          }
        }
        default -> {
          // Nothing to end.
        }
      }
      if (BLOCKS.contains(name)) {
        newLines(APART.contains(name) && items.isEmpty() ? 2 : 1);
      }
    }

    private void item() {
      newLines(1);
      out.append("  ".repeat(Math.clamp(items.size() - 1, 0, LISTS_INDENTED_MAX)));
      boolean numbered = !items.isEmpty() && items.getLast() >= 0;
      if (numbered) {
        items.addLast(items.removeLast() + 1);
      }
      out.append(numbered ? items.getLast() + ". " : "- ");
    }

    /** Where a link leads that is worth telling; empty for any other. */
    private static String target(Element anchor) {
      if (anchor.attr("href").startsWith("#") || !anchor.hasText()) {
        return "";
      }
      String href = anchor.absUrl("href");
      return href.startsWith("http://") || href.startsWith("https://") ? href : "";
    }

    private void newLines(int wanted) {
      if (out.isEmpty()) {
        return;
      }
      if (preformatted == 0) {
        int end = out.length();
        while (end > 0 && out.charAt(end - 1) == ' ') {
          end--;
        }
        out.setLength(end);
      }
      int have = 0;
      while (have < wanted && have < out.length() && out.charAt(out.length() - 1 - have) == '\n') {
        have++;
      }
      out.append("\n".repeat(wanted - have));
    }
  }
}

package ai.liberclaw.agent.browser;

import ai.liberclaw.agent.tool.Cut;
import ai.liberclaw.agent.tool.HtmlText;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** A page as the model reads it: its text with links, then the fields and buttons it can use. */
final class PageText {
  private static final int CONTROLS_MAX = 60;
  private static final int WORDS_LENGTH_MAX = 80;
  private static final String CONTROLS =
      "input:not([type=hidden]), textarea, select, button, [role=button]";

  private PageText() {}

  static String of(String html, String url) {
    Document document = Jsoup.parse(html, url);
    List<String> controls = controls(document);
    String text = HtmlText.of(document);
    return controls.isEmpty()
        ? text
        : text + "\n\nFields and buttons:\n" + String.join("\n", controls);
  }

  private static List<String> controls(Document document) {
    List<String> lines = new ArrayList<>();
    for (Element control : document.select(CONTROLS)) {
      if (lines.size() == CONTROLS_MAX) {
        lines.add("(more are not listed)");
        break;
      }
      String name = name(control);
      String words = words(control);
      if (!name.isEmpty() || !words.isEmpty()) {
        lines.add("- " + control.normalName() + name + (words.isEmpty() ? "" : " " + words));
      }
    }
    return lines;
  }

  private static String name(Element control) {
    String attribute = control.id().isEmpty() ? "name" : "id";
    String value = control.attr(attribute);
    return value.isEmpty() || value.contains("\"") || value.contains("\\")
        ? ""
        : "[" + attribute + "=\"" + value + "\"]";
  }

  private static String words(Element control) {
    for (String words :
        List.of(
            control.text(),
            control.attr("aria-label"),
            control.attr("placeholder"),
            control.attr("value"))) {
      String line = words.strip();
      if (!line.isEmpty()) {
        return line.length() > WORDS_LENGTH_MAX ? Cut.head(line, WORDS_LENGTH_MAX) + "…" : line;
      }
    }
    return "";
  }
}

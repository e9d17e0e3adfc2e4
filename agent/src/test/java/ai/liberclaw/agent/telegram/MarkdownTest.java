package ai.liberclaw.agent.telegram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.telegram.HtmlRules;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Markdown as Telegram's HTML, and in messages. */
final class MarkdownTest {
  @Test
  void whatModelsWriteBecomesWhatTelegramShows() {
    assertHtml("<b>Plan</b>", "## Plan");
    assertHtml("a <b>bold</b> and <i>italic</i> word", "a **bold** and *italic* word");
    assertHtml("<b>both <i>in</i> one</b>", "**both _in_ one**");
    assertHtml("<s>gone</s> 2 * 3 * 4 = 24", "~~gone~~ 2 * 3 * 4 = 24");
    assertHtml("snake_case_name and 5 &lt; 6 &amp; 7 &gt; 2", "snake_case_name and 5 < 6 & 7 > 2");
    assertHtml("run <code>a &lt; *b*</code> now", "run `a < *b*` now");
    assertHtml("\u2022 one\n  \u2022 two\n1. three", "- one\n  * two\n1. three");
    assertHtml("<a href=\"https://e.org/?a=1&amp;b=2\">here</a>", "[here](https://e.org/?a=1&b=2)");
    assertHtml("[here](javascript:alert(1))", "[here](javascript:alert(1))");
    assertHtml(
        "<pre><code class=\"language-java\">if (a &lt; b) {\n  **x**\n}</code></pre>\nend",
        "```java\nif (a < b) {\n  **x**\n}\n```\nend");
    assertHtml("<pre>never closed</pre>", "```\nnever closed");
    assertHtml("<blockquote>a\nb</blockquote>\nc", "> a\n> b\nc");
    assertHtml("<pre>| a | b |\n|---|---|\n| 1 | 2 |</pre>", "| a | b |\n|---|---|\n| 1 | 2 |");
    assertHtml("a *not closed", "a *not closed");
    assertHtml("*literal*", "\\*literal\\*");
  }

  @Test
  void w32ACodeBlockThatIsCutIsClosedAndOpenedAgain() {
    String code = "    int value = compute(a < b && c);\n".repeat(300);
    List<String> messages = MessageSplit.of("Look:\n```java\n" + code + "```\nThat is **all**.");
    assertTrue(messages.size() > 2, () -> "messages: " + messages.size());
    for (String message : messages) {
      assertFits(message);
      assertTrue(TelegramHtml.of(message).contains("<code class=\"language-java\">"), message);
    }
    assertEquals(
        300,
        messages.stream()
            .mapToLong(m -> m.lines().filter(l -> l.contains("compute")).count())
            .sum());
    assertTrue(TelegramHtml.of(messages.getLast()).endsWith("That is <b>all</b>."));
  }

  @Test
  void w32NoMessageEndsInsideAnEntity() {
    String line = "Some words, then **a bold part that is rather long** and `code`. ";
    List<String> messages = MessageSplit.of(line.repeat(200));
    assertTrue(messages.size() > 2);
    for (String message : messages) {
      assertFits(message);
      assertEquals(
          0, HtmlRules.visible(TelegramHtml.of(message)).chars().filter(c -> c == '*').count());
    }
  }

  @Test
  void paragraphsStayWholeWhereTheyCan() {
    String paragraph = "Word after word. ".repeat(60).strip();
    List<String> messages = MessageSplit.of((paragraph + "\n\n").repeat(9));
    messages.forEach(message -> assertTrue(message.endsWith("word."), message));
    assertEquals(
        9 * paragraph.length(),
        messages.stream().mapToInt(m -> m.replace("\n", "").length()).sum());
  }

  @Test
  void anyTextGivesMessagesThatTelegramTakes() {
    Random random = new Random(4);
    String[] parts = {
      "**",
      "*",
      "_",
      "__",
      "`",
      "```",
      "\n",
      "\n\n",
      "~~",
      "[",
      "](",
      "https://e.org)",
      "> ",
      "- ",
      "| a |",
      "# ",
      "<",
      "&",
      "\\",
      "word ",
      "\ud83d\ude00",
      "long".repeat(300),
      "~~~",
      " ",
      "x"
    };
    for (int round = 0; round < 60; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(120); i >= 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      List<String> messages = MessageSplit.of(text.toString());
      messages.forEach(MarkdownTest::assertFits);
      long words = text.chars().filter(c -> c == 'w').count();
      long shown = messages.stream().flatMapToInt(String::chars).filter(c -> c == 'w').count();
      assertTrue(shown >= words, () -> "lost words of: " + text);
    }
  }

  @Test
  void aLongTextOfMarksTakesNoTime() {
    for (String mark : List.of("*a", "[", "`", "**", "_a ", "> ", "(x](")) {
      MessageSplit.of(mark.repeat(6_000)).forEach(MarkdownTest::assertFits);
    }
  }

  private static void assertHtml(String html, String markdown) {
    assertEquals(html, TelegramHtml.of(markdown));
    assertEquals(Optional.empty(), HtmlRules.violation(html));
  }

  private static void assertFits(String message) {
    String html = TelegramHtml.of(message);
    assertEquals(Optional.empty(), HtmlRules.violation(html), () -> message);
    assertTrue(html.length() <= 4096 && message.length() <= 4096, () -> "too long: " + message);
    assertTrue(!HtmlRules.visible(html).isBlank(), () -> "blank: " + message);
    assertTrue(
        message.isEmpty()
            || (!Character.isLowSurrogate(message.charAt(0))
                && !Character.isHighSurrogate(message.charAt(message.length() - 1))));
  }
}

package ai.liberclaw.agent.search;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What somebody types, as queries of SQLite's FTS5 (https://www.sqlite.org/fts5.html): first as it
 * is, in case it is one, then its words, each quoted, so that no character means anything.
 */
final class FullTextQuery {
  private static final int WORDS_MAX = 40;

  private final String typed;
  private final List<String> words;

  FullTextQuery(String typed) {
    this.typed = typed.replace("\0", " ").strip();
    this.words =
        Arrays.stream(this.typed.split("\\s+"))
            .filter(word -> word.codePoints().anyMatch(Character::isLetterOrDigit))
            .limit(WORDS_MAX)
            .map(word -> "\"" + word.replace("\"", "\"\"") + "\"")
            .toList();
  }

  String asTyped() {
    return typed;
  }

  /** Messages with all words; empty when nothing was typed that could be found. */
  String allWords() {
    return String.join(" ", words);
  }

  /** Messages with at least one of the words; empty when there is just one. */
  String anyWord() {
    return words.size() < 2 ? "" : words.stream().collect(Collectors.joining(" OR "));
  }
}

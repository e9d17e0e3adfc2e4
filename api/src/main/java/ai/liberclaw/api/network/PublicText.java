package ai.liberclaw.api.network;

/** Words of a public list, made harmless: pages that show the map may put them into HTML. */
final class PublicText {
  private static final String MARKUP = "<>&\"'`";

  private PublicText() {}

  /** At most that many code points, without control characters, markup and lone surrogates. */
  static String of(String text, int lengthMax) {
    return text.codePoints()
        .filter(c -> Character.isDefined(c) && !Character.isISOControl(c))
        .filter(c -> Character.getType(c) != Character.SURROGATE && MARKUP.indexOf(c) < 0)
        .limit(lengthMax)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString()
        .strip();
  }
}

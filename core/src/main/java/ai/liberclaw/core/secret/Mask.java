package ai.liberclaw.core.secret;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Replaces known secret values in texts by {@link #REDACTED}. It knows a value also as JSON, URLs
 * and base64 (at any offset) would spell it. One mask per server or agent; safe for many threads.
 */
public final class Mask {
  public static final String REDACTED = "[redacted]";

  /** Shorter values are not masked: they would be found by chance in ordinary text. */
  public static final int LENGTH_MIN = 8;

  private final ReentrantLock registering = new ReentrantLock();
  private volatile List<String> spellings = List.of();

  /** Masks this value from now on, unless it is shorter than {@link #LENGTH_MIN}. */
  public void register(String secret) {
    if (secret.length() < LENGTH_MIN) {
      return;
    }
    registering.lock();
    try {
      Set<String> all = new LinkedHashSet<>(spellings);
      addSpellings(secret, all);
      spellings = List.copyOf(all);
    } finally {
      registering.unlock();
    }
  }

  /** The same text, or one with every known secret replaced; overlapping secrets become one. */
  public String mask(String text) {
    boolean[] hidden = hidden(text);
    return hidden == null ? text : redact(text, hidden);
  }

  /** A mask for a text that comes in pieces. */
  public MaskedText begin() {
    return new MaskedText(this);
  }

  /**
   * How much of a text can be masked before its rest is known.
   *
   * @return characters, up to the first that may belong to a secret which is not over
   */
  int settled(String text) {
    int settled = text.length();
    for (String spelling : spellings) {
      for (int at = Math.max(0, text.length() - spelling.length() + 1); at < settled; at++) {
        if (spelling.regionMatches(0, text, at, text.length() - at)) {
          settled = at;
        }
      }
    }
    boolean[] hidden = hidden(text);
    // What touches a secret becomes one with it, so a secret waits for what comes after it.
    while (hidden != null && settled > 0 && hidden[settled - 1]) {
      settled--;
    }
    return settled;
  }

  private boolean @Nullable [] hidden(String text) {
    boolean[] hidden = null;
    for (String spelling : spellings) {
      for (int at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
        if (hidden == null) {
          hidden = new boolean[text.length() + 1];
        }
        for (int i = at; i < at + spelling.length(); i++) {
          hidden[i] = true;
        }
      }
    }
    return hidden;
  }

  private static String redact(String text, boolean[] hidden) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (!hidden[i]) {
        out.append(text.charAt(i));
      } else if (i == 0 || !hidden[i - 1]) {
        out.append(REDACTED);
      }
    }
    return out.toString();
  }

  private static void addSpellings(String secret, Set<String> to) {
    to.add(secret);
    to.add(unquoted(Json.write(TextNode.valueOf(secret))));
    to.add(unquoted(Json.writeAscii(TextNode.valueOf(secret))));
    String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    for (String url : List.of(form, form.replace("+", "%20"))) {
      to.add(url);
      to.add(lowerCaseEscapes(url));
    }
    for (int offset = 0; offset < 3; offset++) {
      String base64 = base64(secret.getBytes(StandardCharsets.UTF_8), offset);
      // Below this length chance would find it, as above.
      if (base64.length() >= LENGTH_MIN) {
        to.add(base64);
        to.add(base64.replace('+', '-').replace('/', '_'));
      }
    }
  }

  /**
   * The characters that every base64 text has which holds these bytes {@code offset} (mod 3) in.
   */
  private static String base64(byte[] bytes, int offset) {
    byte[] shifted = new byte[offset + bytes.length];
    System.arraycopy(bytes, 0, shifted, offset, bytes.length);
    String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    int first = (offset * 8 + 5) / 6;
    int end = shifted.length * 8 / 6;
    return text.substring(first, end);
  }

  private static String unquoted(String json) {
    return json.substring(1, json.length() - 1);
  }

  private static String lowerCaseEscapes(String url) {
    StringBuilder out = new StringBuilder(url);
    for (int at = url.indexOf('%'); at >= 0; at = url.indexOf('%', at + 3)) {
      out.replace(at, at + 3, url.substring(at, at + 3).toLowerCase(Locale.ROOT));
    }
    return out.toString();
  }
}

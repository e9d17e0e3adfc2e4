package ai.liberclaw.api.auth;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Fields;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An e-mail address as people type it: no display name, no quotes, no DNS look-up. Two addresses
 * that differ only in letter case are one account.
 *
 * @param text as typed, in Unicode NFC, with its domain in lower case and in its Unicode form
 */
public record EmailAddress(String text) {
  private static final int LENGTH_MAX = 320;
  private static final int LOCAL_BYTES_MAX = 64;
  private static final int DOMAIN_LENGTH_MAX = 253;

  // RFC 5322 dot-atom, and the letters beyond ASCII that RFC 6531 adds.
  private static final Pattern LOCAL =
      Pattern.compile(
          "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\u00a1-\\uffff-]+"
              + "(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\u00a1-\\uffff-]+)*");
  private static final Pattern DOMAIN =
      Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])");
  private static final Set<String> RESERVED =
      Set.of("test", "localhost", "local", "invalid", "onion", "arpa");

  /** The form two addresses are compared in. */
  String lower() {
    return text.toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a required field of a body; when it is faulty the body has the fault and the value is
   * empty.
   */
  static Optional<EmailAddress> required(Fields fields, String name) {
    if (fields.present(name).isEmpty()) {
      fields.text(name, 0, LENGTH_MAX);
      return Optional.empty();
    }
    return optional(fields, name);
  }

  /** Reads a field that may be absent. */
  static Optional<EmailAddress> optional(Fields fields, String name) {
    return fields.optionalText(name, 0, LENGTH_MAX).flatMap(text -> parse(fields, name, text));
  }

  /** Reads an address that somebody else's server tells; empty when it is none. */
  public static Optional<EmailAddress> of(String text) {
    boolean readable =
        text.codePointCount(0, text.length()) <= LENGTH_MAX
            && text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
    return readable ? read(text).address() : Optional.empty();
  }

  private static Optional<EmailAddress> parse(Fields fields, String name, String text) {
    Reading reading = read(text);
    reading
        .fault()
        .ifPresent(reason ->
            fields.fault(
                name,
                "value_error",
                "value is not a valid email address: " + reason,
                Json.object().put("reason", reason)));
    return reading.address();
  }

  private static Reading read(String text) {
    String typed = Normalizer.normalize(text, Normalizer.Form.NFC);
    int at = typed.lastIndexOf('@');
    if (at < 0) {
      return Reading.bad("An email address must have an @-sign.");
    }
    String local = typed.substring(0, at);
    if (local.getBytes(StandardCharsets.UTF_8).length > LOCAL_BYTES_MAX) {
      return Reading.bad("The email address is too long before the @-sign.");
    }
    if (!LOCAL.matcher(local).matches()) {
      return Reading.bad("The part before the @-sign is not valid.");
    }
    String domain = typed.substring(at + 1).toLowerCase(Locale.ROOT);
    String ascii;
    try {
      ascii = IDN.toASCII(domain, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException _) {
      return Reading.bad("The part after the @-sign is not valid.");
    }
    if (ascii.length() > DOMAIN_LENGTH_MAX || !DOMAIN.matcher(ascii).matches()) {
      return Reading.bad("The part after the @-sign is not valid.");
    }
    if (RESERVED.contains(ascii.substring(ascii.lastIndexOf('.') + 1))) {
      return Reading.bad("The part after the @-sign is a special-use or reserved name.");
    }
    // A domain has many spellings that mail goes to one place by: one of them is the account's.
    String canonical = IDN.toUnicode(ascii);
    return new Reading(Optional.of(new EmailAddress(local + "@" + canonical)), Optional.empty());
  }

  /** Either an address or what is wrong with the text. */
  private record Reading(Optional<EmailAddress> address, Optional<String> fault) {
    static Reading bad(String reason) {
      return new Reading(Optional.empty(), Optional.of(reason));
    }
  }
}

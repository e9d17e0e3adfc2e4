package ai.liberclaw.api.wallet;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Fields;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.web3j.crypto.Keys;

/**
 * An Ethereum address.
 *
 * @param lower {@code 0x} and 40 lower-case hexadecimal digits
 */
record WalletAddress(String lower) {
  private static final Pattern SYNTAX = Pattern.compile("^0x[0-9a-fA-F]{40}$");
  private static final int TEXT_LENGTH_MAX = 100;

  /**
   * Reads a required field of a body; when it is faulty the body has the fault and the value is
   * empty.
   */
  static Optional<WalletAddress> required(Fields fields, String name) {
    if (fields.present(name).isEmpty()) {
      fields.text(name, 0, TEXT_LENGTH_MAX);
      return Optional.empty();
    }
    Optional<String> text = fields.optionalText(name, SYNTAX);
    Optional<WalletAddress> address = text.flatMap(WalletAddress::parse);
    if (text.isPresent() && address.isEmpty()) {
      String reason = "The address does not match its checksum (EIP-55).";
      fields.fault(
          name,
          "value_error",
          "value is not a valid address: " + reason,
          Json.object().put("reason", reason));
    }
    return address;
  }

  /**
   * Empty for what is no address, also when letters of both cases do not agree with the checksum
   * that they make (EIP-55): somebody mistyped it.
   */
  static Optional<WalletAddress> parse(String text) {
    if (!SYNTAX.matcher(text).matches()) {
      return Optional.empty();
    }
    String digits = text.substring(2);
    WalletAddress address = new WalletAddress(text.toLowerCase(Locale.ROOT));
    boolean oneCase =
        digits.equals(digits.toLowerCase(Locale.ROOT))
            || digits.equals(digits.toUpperCase(Locale.ROOT));
    return oneCase || text.equals(address.checksummed()) ? Optional.of(address) : Optional.empty();
  }

  /** With the letter case that EIP-55 gives it. */
  String checksummed() {
    return Keys.toChecksumAddress(lower);
  }

  /** What its user is called: {@code 0x1a64...14f1}. */
  String shortName() {
    return lower.substring(0, 6) + "..." + lower.substring(lower.length() - 4);
  }
}

package ai.liberclaw.api.wallet;

import java.net.URI;
import java.time.Instant;

/**
 * The text a wallet shows and signs (EIP-4361). It names the site, so that a signature given to
 * another site is of no use here.
 *
 * @param site the web app
 * @param issuedAt whole seconds
 * @param expiresAt whole seconds
 */
record SignInText(
    URI site, WalletAddress address, String nonce, Instant issuedAt, Instant expiresAt) {
  /** Lines separated by LF; none at the end. */
  String text() {
    String domain = site.getRawAuthority();
    return String.join(
        "\n",
        domain + " wants you to sign in with your Ethereum account:",
        address.checksummed(),
        "",
        "Sign in to LiberClaw.",
        "",
        "URI: " + site.getScheme() + "://" + domain,
        "Version: 1",
        "Chain ID: 1",
        "Nonce: " + nonce,
        "Issued At: " + issuedAt,
        "Expiration Time: " + expiresAt);
  }
}

package ai.liberclaw.api.oauth;

import ai.liberclaw.core.secret.Secrets;

/**
 * What is kept of a sign-in while its browser is at the provider.
 *
 * @param codeVerifier the secret of PKCE (RFC 7636)
 * @param nonce what an ID token of this sign-in repeats
 */
record Attempt(String codeVerifier, String nonce, Flow flow) {
  private static final int SECRET_BYTES = 32;

  static Attempt begin(Flow flow) {
    return new Attempt(Secrets.token(SECRET_BYTES), Secrets.token(SECRET_BYTES), flow);
  }

  @Override
  public String toString() {
    return "Attempt[secrets hidden]";
  }
}

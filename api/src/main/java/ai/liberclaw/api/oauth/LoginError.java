package ai.liberclaw.api.oauth;

import java.util.Locale;

/** Why a browser comes back to the web app without being signed in. */
enum LoginError {
  /** The person said no. */
  ACCESS_DENIED,
  /** Not this browser's sign-in, or too late, or for the second time. */
  INVALID_STATE,
  /** Something is missing from the address. */
  INVALID_REQUEST,
  /** The provider is down or gave a useless answer. */
  PROVIDER_ERROR,
  /** The address has an account, and one of both sides has not proven that it is the person's. */
  EMAIL_UNVERIFIED,
  TOO_MANY_REQUESTS,
  /** Our own fault. */
  SERVER_ERROR;

  String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}

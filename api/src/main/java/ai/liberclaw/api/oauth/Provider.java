package ai.liberclaw.api.oauth;

import ai.liberclaw.api.auth.ExternalIdentity;
import java.net.URI;

/** Somebody who tells us who is signing in. */
interface Provider {
  /** As in paths and rows. */
  String name();

  /** Where the browser goes. */
  URI authorizeUrl(String state, Attempt attempt);

  /** Who came back with this code. */
  ExternalIdentity identity(String code, Attempt attempt)
      throws ProviderException, InterruptedException;
}

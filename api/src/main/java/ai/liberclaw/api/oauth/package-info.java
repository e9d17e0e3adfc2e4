/**
 * Browser sign-in with Google and GitHub: off to the provider with a state that only this browser
 * can bring back, and back to the web app with tokens or with a code for them.
 */
@NullMarked
package ai.liberclaw.api.oauth;

import org.jspecify.annotations.NullMarked;

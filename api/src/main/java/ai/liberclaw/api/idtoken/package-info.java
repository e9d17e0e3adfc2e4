/**
 * Sign-in by the ID token that a phone got from Google or Apple: the token is checked against the
 * provider's published keys, and leads to an account by the same rules as the browser's sign-in.
 */
@NullMarked
package ai.liberclaw.api.idtoken;

import org.jspecify.annotations.NullMarked;

/**
 * Who is calling: sign-in by guest device and by e-mail, sessions with rotating refresh tokens, and
 * the check of access tokens before anything of a request is read.
 */
@NullMarked
package ai.liberclaw.api.auth;

import org.jspecify.annotations.NullMarked;

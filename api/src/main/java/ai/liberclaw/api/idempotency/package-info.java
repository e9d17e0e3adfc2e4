/** Requests that a client may repeat under a key of its own, and that are carried out once. */
@NullMarked
package ai.liberclaw.api.idempotency;

import org.jspecify.annotations.NullMarked;

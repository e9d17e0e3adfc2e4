/** Keeping secrets: Fernet tokens, random tokens and digests, masking, an empty environment. */
@NullMarked
package ai.liberclaw.core.secret;

import org.jspecify.annotations.NullMarked;

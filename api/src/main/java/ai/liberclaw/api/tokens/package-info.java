/** Personal access tokens, which users make for their programs. */
@NullMarked
package ai.liberclaw.api.tokens;

import org.jspecify.annotations.NullMarked;

/** The model keys users bring, which their agents use instead of the operator's. */
@NullMarked
package ai.liberclaw.api.keys;

import org.jspecify.annotations.NullMarked;

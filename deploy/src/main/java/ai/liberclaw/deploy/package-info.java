/** The control plane, put together: what api and bot both start. */
@NullMarked
package ai.liberclaw.deploy;

import org.jspecify.annotations.NullMarked;

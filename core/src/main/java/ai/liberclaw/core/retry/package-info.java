/** How long to wait before trying again. */
@NullMarked
package ai.liberclaw.core.retry;

import org.jspecify.annotations.NullMarked;

/** Looking after what many requests have open or wait for, with one thread for all of them. */
@NullMarked
package ai.liberclaw.core.watch;

import org.jspecify.annotations.NullMarked;

/** Keys that are no secret. */
@NullMarked
package ai.liberclaw.testkit.keys;

import org.jspecify.annotations.NullMarked;

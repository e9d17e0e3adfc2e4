/** Measurements of the packaged agent, as ratios against something measured in the same run. */
@NullMarked
package ai.liberclaw.bench;

import org.jspecify.annotations.NullMarked;

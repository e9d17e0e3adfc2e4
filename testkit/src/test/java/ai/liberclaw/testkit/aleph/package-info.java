/** The simulated network is held to the vectors and to itself. */
@NullMarked
package ai.liberclaw.testkit.aleph;

import org.jspecify.annotations.NullMarked;

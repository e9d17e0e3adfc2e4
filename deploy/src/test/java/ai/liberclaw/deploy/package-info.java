/** Tests of the control plane on a real database with real processes. */
@NullMarked
package ai.liberclaw.deploy;

import org.jspecify.annotations.NullMarked;

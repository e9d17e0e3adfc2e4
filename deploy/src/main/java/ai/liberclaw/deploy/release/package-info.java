/**
 * Bundles of the agent: what one holds and who signed it, those this installation has checked, and
 * which of them new agents get. A bundle needs nothing but a libc and a shell where it is unpacked.
 */
@NullMarked
package ai.liberclaw.deploy.release;

import org.jspecify.annotations.NullMarked;

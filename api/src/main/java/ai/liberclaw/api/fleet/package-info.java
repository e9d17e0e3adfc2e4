/** All agents at once, from an operator's shell. */
@NullMarked
package ai.liberclaw.api.fleet;

import org.jspecify.annotations.NullMarked;

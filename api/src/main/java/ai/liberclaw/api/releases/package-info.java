/** The releases of the agent, for operators. */
@NullMarked
package ai.liberclaw.api.releases;

import org.jspecify.annotations.NullMarked;

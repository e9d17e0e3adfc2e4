/** Routes of agents: create, list, change, deploy and delete them, and see how they fare. */
@NullMarked
package ai.liberclaw.api.agents;

import org.jspecify.annotations.NullMarked;

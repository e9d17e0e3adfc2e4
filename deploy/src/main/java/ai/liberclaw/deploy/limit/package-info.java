/** How often something was done in a period, counted for all servers. */
@NullMarked
package ai.liberclaw.deploy.limit;

import org.jspecify.annotations.NullMarked;

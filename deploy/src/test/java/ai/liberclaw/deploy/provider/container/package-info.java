/** Tests of agents in containers. */
@NullMarked
package ai.liberclaw.deploy.provider.container;

import org.jspecify.annotations.NullMarked;

/** Machines that wait for agents, so that an agent need not wait for a machine. */
@NullMarked
package ai.liberclaw.deploy.pool;

import org.jspecify.annotations.NullMarked;

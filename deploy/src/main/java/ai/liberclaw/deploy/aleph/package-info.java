/**
 * How to speak to the Aleph network: signed messages to its core nodes, and requests to its compute
 * nodes, which run the machines. Knows nothing of agents.
 */
@NullMarked
package ai.liberclaw.deploy.aleph;

import org.jspecify.annotations.NullMarked;

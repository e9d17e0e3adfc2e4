/**
 * Machines of the Aleph network: chosen, paid for, found, logged in to, and given back. What costs
 * money is written down before it is ordered, and ordered from one node at a time.
 */
@NullMarked
package ai.liberclaw.deploy.provider.aleph;

import org.jspecify.annotations.NullMarked;

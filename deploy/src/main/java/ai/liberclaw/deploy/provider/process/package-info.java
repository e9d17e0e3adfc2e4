/**
 * Agents as child processes of this machine: one directory, one loopback port and one session each.
 * They outlive a killed server and are taken up again by their process identity.
 */
@NullMarked
package ai.liberclaw.deploy.provider.process;

import org.jspecify.annotations.NullMarked;

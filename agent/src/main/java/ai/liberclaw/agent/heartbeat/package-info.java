/** Wakes the agent now and then to follow the file HEARTBEAT.md. */
@NullMarked
package ai.liberclaw.agent.heartbeat;

import org.jspecify.annotations.NullMarked;

/** A real agent on a free port, and a client that reads raw bytes, for all tests of the agent. */
@NullMarked
package ai.liberclaw.agent;

import org.jspecify.annotations.NullMarked;

/** An agent on loopback that answers as scripted, byte by byte, and fails in every known way. */
@NullMarked
package ai.liberclaw.testkit.agent;

import org.jspecify.annotations.NullMarked;

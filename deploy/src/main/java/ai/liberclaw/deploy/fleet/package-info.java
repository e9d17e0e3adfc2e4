/** A release brought to many agents: in waves, watched, and taken back when it does not go well. */
@NullMarked
package ai.liberclaw.deploy.fleet;

import org.jspecify.annotations.NullMarked;

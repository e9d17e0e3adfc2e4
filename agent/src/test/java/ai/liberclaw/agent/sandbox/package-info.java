@NullMarked
package ai.liberclaw.agent.sandbox;

import org.jspecify.annotations.NullMarked;

@NullMarked
package ai.liberclaw.agent.workspace;

import org.jspecify.annotations.NullMarked;

@NullMarked
package ai.liberclaw.agent.tool;

import org.jspecify.annotations.NullMarked;

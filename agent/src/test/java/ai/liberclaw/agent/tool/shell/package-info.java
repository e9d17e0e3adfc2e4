@NullMarked
package ai.liberclaw.agent.tool.shell;

import org.jspecify.annotations.NullMarked;

/** Searching the contents of files: with ripgrep where it is installed, else by ourselves. */
@NullMarked
package ai.liberclaw.agent.tool.grep;

import org.jspecify.annotations.NullMarked;

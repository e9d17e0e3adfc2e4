/** How the file tools do their work: finding, editing and patching files of the workspace. */
@NullMarked
package ai.liberclaw.agent.tool.file;

import org.jspecify.annotations.NullMarked;

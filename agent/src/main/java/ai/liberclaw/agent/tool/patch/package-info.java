/** Unified diffs: reading them, checking them against the workspace, applying them. */
@NullMarked
package ai.liberclaw.agent.tool.patch;

import org.jspecify.annotations.NullMarked;

@NullMarked
package ai.liberclaw.agent.mcp;

import org.jspecify.annotations.NullMarked;

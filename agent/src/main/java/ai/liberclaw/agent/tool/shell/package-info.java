/**
 * What the bash tool is made of: a parser of shell text with the guard rails on top of it, and
 * commands in process groups of their own whose output is bounded.
 */
@NullMarked
package ai.liberclaw.agent.tool.shell;

import org.jspecify.annotations.NullMarked;

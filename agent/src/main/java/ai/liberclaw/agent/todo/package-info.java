/** The agent's list of things to do, kept in {@code TODO.json} of its workspace. */
@NullMarked
package ai.liberclaw.agent.todo;

import org.jspecify.annotations.NullMarked;

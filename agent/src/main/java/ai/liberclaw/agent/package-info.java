/** The agent server: reads its configuration, builds one agent from it, serves it. */
@NullMarked
package ai.liberclaw.agent;

import org.jspecify.annotations.NullMarked;

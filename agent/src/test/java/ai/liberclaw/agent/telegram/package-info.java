@NullMarked
package ai.liberclaw.agent.telegram;

import org.jspecify.annotations.NullMarked;

@NullMarked
package ai.liberclaw.agent.image;

import org.jspecify.annotations.NullMarked;

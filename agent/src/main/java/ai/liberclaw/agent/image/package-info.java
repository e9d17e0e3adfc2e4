/** Pictures as models take them: checked, upright, small. */
@NullMarked
package ai.liberclaw.agent.image;

import org.jspecify.annotations.NullMarked;

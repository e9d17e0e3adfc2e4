/** The streams that clients hold open, whatever they are of. */
@NullMarked
package ai.liberclaw.api.streams;

import org.jspecify.annotations.NullMarked;

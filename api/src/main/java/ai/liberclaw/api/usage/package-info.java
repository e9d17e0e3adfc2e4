/** How much of their daily share people have used. */
@NullMarked
package ai.liberclaw.api.usage;

import org.jspecify.annotations.NullMarked;

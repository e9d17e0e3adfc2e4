/** Templates and skills, as anybody may read them. */
@NullMarked
package ai.liberclaw.api.catalogue;

import org.jspecify.annotations.NullMarked;

/** Deletes what nobody needs any more. */
@NullMarked
package ai.liberclaw.api.retention;

import org.jspecify.annotations.NullMarked;

/** The operator's machines, from a shell. */
@NullMarked
package ai.liberclaw.api.host;

import org.jspecify.annotations.NullMarked;

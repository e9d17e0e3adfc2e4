/** The log of a server: standard output, one line per fact. */
@NullMarked
package ai.liberclaw.core.log;

import org.jspecify.annotations.NullMarked;

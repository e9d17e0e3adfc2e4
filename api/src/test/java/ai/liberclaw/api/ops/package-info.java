/** The scripts that put the packaged servers on a real Debian host and keep them there. */
@NullMarked
package ai.liberclaw.api.ops;

import org.jspecify.annotations.NullMarked;

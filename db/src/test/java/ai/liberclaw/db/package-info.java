/** Tests on the real engines. */
@NullMarked
package ai.liberclaw.db;

import org.jspecify.annotations.NullMarked;

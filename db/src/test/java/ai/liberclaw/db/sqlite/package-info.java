/** Tests on the real engines. */
@NullMarked
package ai.liberclaw.db.sqlite;

import org.jspecify.annotations.NullMarked;

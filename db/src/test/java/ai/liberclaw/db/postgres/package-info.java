/** Tests on the real engines. */
@NullMarked
package ai.liberclaw.db.postgres;

import org.jspecify.annotations.NullMarked;

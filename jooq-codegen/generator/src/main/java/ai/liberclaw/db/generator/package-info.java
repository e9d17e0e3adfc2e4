/** Generates the typed tables from the migrated real engines. */
@NullMarked
package ai.liberclaw.db.generator;

import org.jspecify.annotations.NullMarked;

/**
 * What is particular to SQLite, the engine of an agent's own file. Nothing here touches PostgreSQL.
 */
@NullMarked
package ai.liberclaw.db.sqlite;

import org.jspecify.annotations.NullMarked;

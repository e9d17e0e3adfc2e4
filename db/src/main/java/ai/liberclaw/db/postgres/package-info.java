/**
 * The platform's database, PostgreSQL: a server somewhere, or our own in a directory. The agent
 * never loads this.
 */
@NullMarked
package ai.liberclaw.db.postgres;

import org.jspecify.annotations.NullMarked;

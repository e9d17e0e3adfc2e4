/**
 * Opening a database: its pool, its migrations, and the two ways to ask it, jOOQ for queries and
 * Helidon's client for health.
 */
@NullMarked
package ai.liberclaw.db;

import org.jspecify.annotations.NullMarked;

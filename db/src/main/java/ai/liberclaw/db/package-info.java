/**
 * What the two engines have in common: a pool, and the two ways to ask it, jOOQ for queries and
 * Helidon's client for health. A database is opened by its engine's package.
 */
@NullMarked
package ai.liberclaw.db;

import org.jspecify.annotations.NullMarked;

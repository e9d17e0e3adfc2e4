/** Keeps the committed tables and the migrations together. */
@NullMarked
package ai.liberclaw.db.generator;

import org.jspecify.annotations.NullMarked;

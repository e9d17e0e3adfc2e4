/**
 * The one JSON library of the product, Jackson, behind a handful of functions with fixed bounds.
 */
@NullMarked
package ai.liberclaw.core.json;

import org.jspecify.annotations.NullMarked;

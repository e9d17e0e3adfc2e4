/**
 * The gateway: agents ask it for models, pictures and searches, with a token of their own instead
 * of anybody's key. What they ask and what they are answered is neither kept nor logged.
 */
@NullMarked
package ai.liberclaw.api.inference;

import org.jspecify.annotations.NullMarked;

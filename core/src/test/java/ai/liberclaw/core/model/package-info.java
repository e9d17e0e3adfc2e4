/** The choice of a model, against a small Ollama. */
@NullMarked
package ai.liberclaw.core.model;

import org.jspecify.annotations.NullMarked;

/**
 * Model providers for tests: the wires of OpenAI, Anthropic and Ollama on real sockets, by script.
 */
@NullMarked
package ai.liberclaw.testkit.model;

import org.jspecify.annotations.NullMarked;

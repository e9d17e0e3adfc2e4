/** A model provider for tests: the OpenAI chat completions wire over real sockets, by script. */
@NullMarked
package ai.liberclaw.testkit.model;

import org.jspecify.annotations.NullMarked;

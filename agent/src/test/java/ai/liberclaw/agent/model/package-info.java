/** How models are asked, proven against a provider that breaks on demand. */
@NullMarked
package ai.liberclaw.agent.model;

import org.jspecify.annotations.NullMarked;

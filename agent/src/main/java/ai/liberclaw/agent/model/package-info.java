/**
 * The seam to language models: a conversation in our own shape goes in, a reply comes out. What a
 * provider's wire looks like stays in here.
 */
@NullMarked
package ai.liberclaw.agent.model;

import org.jspecify.annotations.NullMarked;

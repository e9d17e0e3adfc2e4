/**
 * What the model is shown: system prompt, dynamic context, the chat's rows, and their compaction
 * when they outgrow the model's window. Knows neither HTTP nor SQL.
 */
@NullMarked
package ai.liberclaw.agent.context;

import org.jspecify.annotations.NullMarked;

/** What happened to people and their agents, written in the transaction in which it happened. */
@NullMarked
package ai.liberclaw.api.activity;

import org.jspecify.annotations.NullMarked;

/** What happened: each user's own events, and the platform's public feed, which can be streamed. */
@NullMarked
package ai.liberclaw.api.activity;

import org.jspecify.annotations.NullMarked;

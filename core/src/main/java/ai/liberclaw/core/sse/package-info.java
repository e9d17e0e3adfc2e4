/**
 * Server-sent events, as agent and API write them: LF only, one {@code data:} line per event, one
 * flush per event. The reader accepts everything the HTML standard allows.
 */
@NullMarked
package ai.liberclaw.core.sse;

import org.jspecify.annotations.NullMarked;

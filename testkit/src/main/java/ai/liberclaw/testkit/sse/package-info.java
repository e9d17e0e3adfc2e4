/** A client of event streams that sees bytes and times as they are on the wire. */
@NullMarked
package ai.liberclaw.testkit.sse;

import org.jspecify.annotations.NullMarked;

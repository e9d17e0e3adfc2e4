/** Waiting for a fact: polling with a deadline and a clear message. */
@NullMarked
package ai.liberclaw.testkit.await;

import org.jspecify.annotations.NullMarked;

/** The tools of tests are tested too. */
@NullMarked
package ai.liberclaw.testkit.sse;

import org.jspecify.annotations.NullMarked;

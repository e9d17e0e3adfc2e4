/** The tools of tests are tested too. */
@NullMarked
package ai.liberclaw.testkit.await;

import org.jspecify.annotations.NullMarked;

/** The tools of tests are tested too. */
@NullMarked
package ai.liberclaw.testkit.process;

import org.jspecify.annotations.NullMarked;

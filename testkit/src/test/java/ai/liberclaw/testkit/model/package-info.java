/** The tools of tests are tested too. */
@NullMarked
package ai.liberclaw.testkit.model;

import org.jspecify.annotations.NullMarked;

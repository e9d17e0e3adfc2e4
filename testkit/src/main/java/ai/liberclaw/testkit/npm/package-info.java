/** Real programs of npm's registry, for tests that talk to them. */
@NullMarked
package ai.liberclaw.testkit.npm;

import org.jspecify.annotations.NullMarked;

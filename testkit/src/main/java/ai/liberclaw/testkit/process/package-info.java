/** Starts the packaged servers as people do, and makes them die as machines do. */
@NullMarked
package ai.liberclaw.testkit.process;

import org.jspecify.annotations.NullMarked;

/** The public list of nodes and the source of their places, for tests. */
@NullMarked
package ai.liberclaw.testkit.network;

import org.jspecify.annotations.NullMarked;

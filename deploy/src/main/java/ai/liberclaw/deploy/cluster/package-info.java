/** Work that one of all servers does for them all. */
@NullMarked
package ai.liberclaw.deploy.cluster;

import org.jspecify.annotations.NullMarked;

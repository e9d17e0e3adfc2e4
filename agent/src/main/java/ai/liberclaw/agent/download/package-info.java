/** Short-lived links to files of the workspace, for places that cannot send the secret. */
@NullMarked
package ai.liberclaw.agent.download;

import org.jspecify.annotations.NullMarked;

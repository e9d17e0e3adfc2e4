/** How far a deployment has come: its six steps and its log, as rows that any replica can read. */
@NullMarked
package ai.liberclaw.deploy.progress;

import org.jspecify.annotations.NullMarked;

/** Compares what providers have of ours with what we know of, and mends the difference. */
@NullMarked
package ai.liberclaw.deploy.reconcile;

import org.jspecify.annotations.NullMarked;

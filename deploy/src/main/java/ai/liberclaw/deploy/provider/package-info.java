/**
 * The seam to whatever agents live on. A provider makes, starts, watches and destroys instances;
 * the rows of the instances and their states are kept here, the order of the steps in the jobs.
 */
@NullMarked
package ai.liberclaw.deploy.provider;

import org.jspecify.annotations.NullMarked;

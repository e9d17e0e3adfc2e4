/** Machines agents live on: how to log in to them, and what is made on them. */
@NullMarked
package ai.liberclaw.deploy.host;

import org.jspecify.annotations.NullMarked;

/**
 * Makes bundles of the agent from its built jars: {@code make bundle}. Part of the build; no server
 * uses it.
 */
@NullMarked
package ai.liberclaw.deploy.bundle;

import org.jspecify.annotations.NullMarked;

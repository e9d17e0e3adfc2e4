/** Agents of the original, recognised on their machines and upgraded in place with their data. */
@NullMarked
package ai.liberclaw.deploy.adopt;

import org.jspecify.annotations.NullMarked;

/**
 * Agents in containers of an engine on this machine, Docker or Podman: each with its own network,
 * volumes and limits, as a user without rights, from an image made of the release.
 */
@NullMarked
package ai.liberclaw.deploy.provider.container;

import org.jspecify.annotations.NullMarked;

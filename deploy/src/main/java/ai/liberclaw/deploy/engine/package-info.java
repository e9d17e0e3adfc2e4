/**
 * A container engine, Docker or Podman, spoken to over its Unix socket by the API that both have.
 */
@NullMarked
package ai.liberclaw.deploy.engine;

import org.jspecify.annotations.NullMarked;

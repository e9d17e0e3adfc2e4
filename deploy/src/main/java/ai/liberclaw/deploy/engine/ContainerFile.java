package ai.liberclaw.deploy.engine;

import java.util.Optional;

/**
 * What is at a path of a container.
 *
 * @param text empty for what is no plain file, or too large
 */
public record ContainerFile(boolean exists, Optional<String> text) {}

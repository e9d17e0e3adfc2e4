package ai.liberclaw.deploy.release;

import java.nio.file.Path;

/**
 * A packed bundle on this server: to be sent to a target, which checks the hash before it unpacks.
 * The tar's entries are relative, begin with {@code bin/}, {@code jre/} and so on, and belong to
 * root.
 *
 * @param sha256 in lower-case hex
 */
public record Archive(Path file, Compression compression, String sha256, long bytes) {}

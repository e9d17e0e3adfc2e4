package ai.liberclaw.deploy.release;

import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle this installation has checked: signature, hashes, completeness.
 *
 * @param manifest what it holds; the release's id is made from it
 * @param archiveSha256 of the archive as it was imported
 * @param archiveBytes of the same
 * @param signedBy the public key that its signature fits, base64
 * @param folder where this server keeps its archive, if it does
 */
public record Release(
    Manifest manifest, String archiveSha256, long archiveBytes, String signedBy, Path folder) {
  /**
   * In the unpacked bundle: runs the agent in the foreground in place of the calling process, with
   * arguments and environment as given; it wants {@code /bin/sh}. The agent reads {@code
   * AGENT_CONFIG_FILE}, and ends on SIGTERM.
   */
  public static final String LAUNCHER = "bin/liberclaw-agent";

  /** 32 hex digits. */
  public String id() {
    return manifest.id();
  }

  public String version() {
    return manifest.version();
  }

  /** Such as {@code linux-x86_64}. */
  public String platform() {
    return manifest.platform();
  }

  /** The command that runs the agent from this bundle unpacked in a directory of a target. */
  public List<String> command(String directory) {
    return List.of(directory + "/" + LAUNCHER);
  }

  /**
   * The packed bundle on this server. The first call for another packing than that it came in packs
   * it, which takes some seconds.
   *
   * @throws ProviderException {@code release_missing} when this server does not have it
   */
  public Archive archive(Compression compression) {
    Path imported = folder.resolve(archiveSha256 + Compression.ZSTD.suffix());
    try {
      if (!Files.isRegularFile(imported)) {
        throw new ProviderException(
            "release_missing", "The agent's release is not on this server.", true, null);
      }
      return switch (compression) {
        case ZSTD -> new Archive(imported, compression, archiveSha256, archiveBytes);
        case GZIP -> Repacking.gzip(folder, imported);
      };
    } catch (IOException e) {
      throw new ProviderException(
          "release_unreadable", "The agent's release cannot be read on this server.", true, e);
    }
  }
}

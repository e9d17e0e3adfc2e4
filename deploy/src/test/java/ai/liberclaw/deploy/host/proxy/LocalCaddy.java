package ai.liberclaw.deploy.host.proxy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.release.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** The Caddy of this machine's package, for hosts that sign their certificates themselves. */
public final class LocalCaddy {
  private static final long PROGRAM_BYTES_MAX = 200_000_000;

  private LocalCaddy() {}

  /** A proxy with it. */
  public static HostProxy proxy(Path folder) throws IOException {
    return proxy(packed(folder));
  }

  static HostProxy proxy(ProxyArtifact artifact) {
    return HostProxy.of(
            new ProxySettings(Optional.of(artifact), new ProxySettings.Certificates.Own()))
        .orElseThrow();
  }

  private static ProxyArtifact packed(Path folder) throws IOException {
    Path program = Path.of("/usr/bin/caddy");
    assertTrue(Files.isExecutable(program), "Debian's package caddy is not installed");
    Path packed = folder.resolve(ProxyArtifact.FILE);
    gzip(program, packed);
    // Where a rebuilt package is installed, that one is what is tried here.
    try (InputStream in = Files.newInputStream(program)) {
      return new ProxyArtifact(packed, Sha256.of(in, PROGRAM_BYTES_MAX));
    }
  }

  static void gzip(Path from, Path to) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(to))) {
      Files.copy(from, out);
    }
  }
}

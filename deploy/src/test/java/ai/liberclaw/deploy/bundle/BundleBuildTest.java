package ai.liberclaw.deploy.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.deploy.release.Bundle;
import ai.liberclaw.deploy.release.Compression;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.TarFile;
import ai.liberclaw.testkit.host.OnHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundle that {@code make bundle} left, made once more somewhere else. */
@OnHosts
final class BundleBuildTest {
  private static final Path MADE = Path.of("..", "api", "target", "bundle");
  private static final Path AGENT = Path.of("..", "api", "target", "agent");

  /** Of one packed quickly; hosts fetch it over slow lines. */
  private static final long BYTES_MAX = 54_000_000;

  @TempDir private Path folder;

  @Test
  void madeAgainFromTheSameSourcesItIsTheSameToTheByte() throws Exception {
    assertTrue(Files.isDirectory(MADE), "there is no bundle: make bundle");
    Manifest manifest = Bundle.open(MADE).manifest();
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    try (TarFile tar = TarFile.open(archive(MADE), Compression.ZSTD)) {
      tar.unpack(manifest, unpacked);
    }
    Path again = Files.createDirectories(folder.resolve("elsewhere").resolve("bundle"));
    boolean small = System.getenv("RELEASE_KEY_FILE") != null;
    new BundleBuild(
            Path.of(System.getProperty("java.home")),
            AGENT,
            manifest.version(),
            small ? Packing.LEVEL_SMALL : Packing.LEVEL_QUICK,
            Optional.of(unpacked.resolve(Launcher.CACHE)))
        .run(again, SigningKey.development(folder.resolve("data")));

    assertEquals(manifest.text(), Bundle.open(again).manifest().text());
    assertEquals(-1, Files.mismatch(archive(MADE), archive(again)), "the archives differ");
    assertTrue(Files.size(archive(again)) < BYTES_MAX, "it has grown");
  }

  private static Path archive(Path bundle) throws IOException {
    try (Stream<Path> files = Files.list(bundle)) {
      return files.filter(f -> f.toString().endsWith(".tar.zst")).findFirst().orElseThrow();
    }
  }
}

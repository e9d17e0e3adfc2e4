package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.host.HostShell.Input;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Archive;
import ai.liberclaw.deploy.release.Compression;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Release;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Brings a release to a host: sent once, checked twice. */
final class ReleaseInstall {
  private static final Duration CHECK_TIME_MAX = Duration.ofSeconds(60);
  private static final long KIB = 1024;

  /** Left free on the host after unpacking. */
  private static final long SPARE_BYTES = 64 * KIB * KIB;

  private final HostScripts scripts;
  private final Map<String, String> variables;

  ReleaseInstall(HostScripts scripts, Map<String, String> variables) {
    this.scripts = scripts;
    this.variables = new TreeMap<>(variables);
  }

  void run(Release release, HostFacts facts, Duration limit) throws InterruptedException {
    Manifest manifest = release.manifest();
    String platform = "linux-" + facts.machine();
    if (!manifest.platform().equals(platform)) {
      throw new ProviderException(
          "platform",
          "The release is for " + manifest.platform() + ", the machine is " + platform + ".",
          false,
          null);
    }
    variables.put("RELEASE", release.id());
    variables.put("FILES", Integer.toString(manifest.files().size()));
    Input checksums = out -> out.write(manifest.checksums().getBytes(StandardCharsets.UTF_8));
    if (scripts
        .run("release-check", variables, checksums, CHECK_TIME_MAX)
        .strip()
        .equals("whole")) {
      return;
    }
    Archive archive = release.archive(facts.zstd() ? Compression.ZSTD : Compression.GZIP);
    Map<String, String> unpack = new TreeMap<>(variables);
    unpack.put("SHA256", archive.sha256());
    unpack.put("ZSTD", Boolean.toString(archive.compression() == Compression.ZSTD));
    unpack.put("NEED_KB", Long.toString((archive.bytes() + manifest.bytes() + SPARE_BYTES) / KIB));
    scripts.run("release-unpack", unpack, out -> Files.copy(archive.file(), out), limit);
    scripts.run("release-finish", variables, checksums, CHECK_TIME_MAX);
  }
}

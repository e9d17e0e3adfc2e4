package ai.liberclaw.deploy.release;

import ai.liberclaw.deploy.bundle.Packing;
import ai.liberclaw.deploy.bundle.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Small bundles, signed by the development key of a data directory. */
final class TestBundle {
  private TestBundle() {}

  /** A bundle whose launcher prints its version. */
  static Path make(Path data, String version) throws IOException {
    Path tree = Files.createTempDirectory(data, "tree-");
    Files.createDirectories(tree.resolve("bin"));
    Files.createDirectories(tree.resolve("app/lib"));
    Path launcher = tree.resolve(Release.LAUNCHER);
    Files.writeString(launcher, "#!/bin/sh\necho " + version + "\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.write(tree.resolve("app/lib/data"), new byte[100_000]);
    return pack(data, tree, Packing.describe(tree), version);
  }

  /** A bundle of a tree whose manifest says this of it. */
  static Path pack(Path data, Path tree, List<Manifest.Entry> said, String version)
      throws IOException {
    Path bundle = Files.createTempDirectory(data, "bundle-");
    Packing.pack(
        tree, Packing.describe(tree), bundle.resolve("agent.tar.zst"), Packing.LEVEL_QUICK);
    byte[] manifest =
        Manifest.of(version, "linux-x86_64", said).text().getBytes(StandardCharsets.UTF_8);
    Files.write(bundle.resolve(Bundle.MANIFEST), manifest);
    Files.write(bundle.resolve(Bundle.SIGNATURE), SigningKey.development(data).sign(manifest));
    return bundle;
  }
}

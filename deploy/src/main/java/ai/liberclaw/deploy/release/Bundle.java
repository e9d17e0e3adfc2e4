package ai.liberclaw.deploy.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bundle as it was made: a folder with the archive, its manifest and the manifest's signature.
 */
public final class Bundle {
  /** What it holds, file by file; signed. */
  public static final String MANIFEST = "manifest.json";

  /** Ed25519 over the bytes of the manifest: 64 bytes. */
  public static final String SIGNATURE = "manifest.sig";

  private final Path archive;
  private final Manifest manifest;
  private final byte[] signature;

  private Bundle(Path archive, Manifest manifest, byte[] signature) {
    this.archive = archive;
    this.manifest = manifest;
    this.signature = signature;
  }

  /**
   * Reads what there is, and checks nothing of it.
   *
   * @throws BundleException when something is missing or cannot be understood
   */
  public static Bundle open(Path folder) throws IOException {
    List<Path> archives;
    try (Stream<Path> files = Files.list(folder)) {
      archives =
          files
              .filter(f -> f.getFileName().toString().endsWith(Compression.ZSTD.suffix()))
              .toList();
    }
    if (archives.size() != 1) {
      throw new BundleException("The bundle's folder must hold exactly one .tar.zst");
    }
    String text =
        new String(read(folder.resolve(MANIFEST), Manifest.BYTES_MAX), StandardCharsets.UTF_8);
    return new Bundle(
        archives.getFirst(),
        Manifest.parse(text),
        read(folder.resolve(SIGNATURE), ReleaseKeys.SIGNATURE_BYTES));
  }

  public Manifest manifest() {
    return manifest;
  }

  /**
   * Checks the signature, and that the archive holds exactly what the manifest says.
   *
   * @throws BundleException when it does not
   */
  Checked check(ReleaseKeys keys) throws IOException {
    String signer =
        keys.signer(manifest.text().getBytes(StandardCharsets.UTF_8), signature)
            .orElseThrow(() ->
                new BundleException(
                    keys.trusted().isEmpty()
                        ? "No key is trusted: LIBERCLAW_RELEASE_PUBLIC_KEYS is empty"
                        : "The bundle is signed by none of LIBERCLAW_RELEASE_PUBLIC_KEYS"));
    try (TarFile tar = TarFile.open(archive, Compression.ZSTD)) {
      tar.check(manifest);
    }
    return new Checked(signer);
  }

  private static byte[] read(Path file, int bytesMax) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new BundleException("The bundle's folder has no " + file.getFileName());
    }
    if (Files.size(file) > bytesMax) {
      throw new BundleException(file.getFileName() + " is longer than " + bytesMax + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /** One that may be kept. */
  final class Checked {
    private final String signer;

    private Checked(String signer) {
      this.signer = signer;
    }

    Release keepIn(Path store) throws IOException {
      String sha256 = Sha256.of(archive);
      Path folder = store.resolve(manifest.id());
      Release release = new Release(manifest, sha256, Files.size(archive), signer, folder);
      Files.createDirectories(folder);
      Path kept = folder.resolve(sha256 + Compression.ZSTD.suffix());
      if (!Files.isRegularFile(kept)) {
        Path unfinished = Files.createTempFile(folder, ".importing-", "");
        try {
          Files.copy(archive, unfinished, StandardCopyOption.REPLACE_EXISTING);
          Files.move(unfinished, kept, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(unfinished);
        }
      }
      return release;
    }
  }
}

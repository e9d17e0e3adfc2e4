package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.engine.Engine;
import ai.liberclaw.deploy.engine.EngineContainer;
import ai.liberclaw.deploy.engine.EngineItem;
import ai.liberclaw.deploy.engine.Tar;
import ai.liberclaw.deploy.provider.ProviderException;
import ai.liberclaw.deploy.release.Archive;
import ai.liberclaw.deploy.release.Compression;
import ai.liberclaw.deploy.release.Release;
import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The images agents run from: the base with a release in it, made once per engine and release, of
 * nothing but what is on this server.
 */
final class AgentImages {
  /** Time for one image, waiting for another server that makes it included. */
  static final Duration TIME_MAX = Duration.ofMinutes(5);

  /** Unused images of releases that are kept for a way back. */
  private static final int SPARE_MAX = 2;

  private static final Logger LOG = System.getLogger(AgentImages.class.getName());
  private static final String AGENT = "localhost/liberclaw-agent";
  private static final String BASE = "localhost/liberclaw-base";
  private static final String RELEASE_LABEL = "liberclaw.release";
  private static final String BASE_LABEL = "liberclaw.base";
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int TAG_LENGTH = 16;

  private final Engine engine;
  private final Optional<String> base;
  private final UUID installation;
  private final ReentrantLock building = new ReentrantLock();
  private volatile Hashed hashed = new Hashed(Path.of(""), FileTime.fromMillis(0), "");

  /** The hash of a file, as long as the file stays as it was. */
  private record Hashed(Path file, FileTime modified, String sha256) {}

  AgentImages(Engine engine, Optional<String> base, UUID installation) {
    this.engine = engine;
    this.base = base;
    this.installation = installation;
  }

  /** Whether the base is a file, as its name says, rather than an image of the engine. */
  static boolean isFile(String base) {
    return base.startsWith("/") || base.startsWith(".");
  }

  /** The name of a release's image, whether or not there is one. */
  static String name(String release) {
    return AGENT + ":" + release;
  }

  /** Makes the release's image unless the engine has it; its name. */
  String ensure(Release release) throws InterruptedException {
    EngineItem below = base();
    String name = name(release.id());
    if (present(release, below)) {
      return name;
    }
    long deadline = System.nanoTime() + TIME_MAX.toNanos();
    if (!building.tryLock(TIME_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
      throw late();
    }
    try {
      String builder = "liberclaw-image-" + release.id();
      while (!present(release, below)) {
        if (engine.create(builder, Specs.build(below.id(), labels(release)))) {
          build(builder, release, below);
        } else {
          awaitOther(builder, deadline);
        }
      }
      removeSpare();
      return name;
    } finally {
      building.unlock();
    }
  }

  /**
   * The image below all agents.
   *
   * @throws ProviderException when there is none
   */
  EngineItem base() throws InterruptedException {
    String named =
        base.orElseThrow(() ->
            new ProviderException(
                "base_missing", "No file system for containers is configured.", false, null));
    String reference = isFile(named) ? imported(Path.of(named)) : named;
    return engine
        .image(reference)
        .orElseThrow(() ->
            new ProviderException(
                "base_missing",
                "The container engine does not have the file system for containers.",
                false,
                null));
  }

  private boolean present(Release release, EngineItem below) throws InterruptedException {
    return engine
        .image(name(release.id()))
        .filter(image -> image.label(RELEASE_LABEL).equals(release.id()))
        .filter(image -> image.label(BASE_LABEL).equals(plain(below.id())))
        .isPresent();
  }

  private void build(String builder, Release release, EngineItem below)
      throws InterruptedException {
    long from = System.nanoTime();
    try {
      String directory = Specs.RELEASES + "/" + release.id();
      Tar directories = new Tar();
      StringBuilder path = new StringBuilder();
      for (String part : directory.substring(1).split("/", -1)) {
        path.append(path.isEmpty() ? "" : "/").append(part);
        directories.directory(path.toString(), 0, 0755);
      }
      engine.put(builder, "/", directories.source());
      Archive archive = release.archive(Compression.ZSTD);
      MessageDigest digest = sha256();
      engine.put(builder, directory, unpacked(archive, digest));
      if (!HexFormat.of().formatHex(digest.digest()).equals(archive.sha256())) {
        throw new ProviderException(
            "release_damaged", "The agent's release on this server is damaged.", false, null);
      }
      engine.commit(
          builder,
          AGENT,
          release.id(),
          Map.of(
              Names.INSTALLATION,
              installation.toString(),
              RELEASE_LABEL,
              release.id(),
              BASE_LABEL,
              plain(below.id())));
    } finally {
      engine.removeContainer(builder);
    }
    LOG.log(
        Level.INFO,
        "image.made release=%s ms=%d"
            .formatted(release.id(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from)));
  }

  /** The release's tar as every engine takes it; the packed bytes go through the digest. */
  private static Tar.Source unpacked(Archive archive, MessageDigest digest) {
    return out -> {
      try (InputStream packed =
          new DigestInputStream(Files.newInputStream(archive.file()), digest)) {
        new ZstdInputStream(packed).transferTo(out);
        packed.transferTo(OutputStream.nullOutputStream());
      }
    };
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Another server makes it, or one did and died. */
  private void awaitOther(String builder, long deadline) throws InterruptedException {
    Instant stale = Instant.now().minus(TIME_MAX);
    Optional<EngineContainer> other = engine.container(builder);
    if (other.isPresent() && other.get().createdAt().orElse(Instant.EPOCH).isBefore(stale)) {
      engine.removeContainer(builder);
      return;
    }
    if (System.nanoTime() > deadline) {
      throw late();
    }
    TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
  }

  /** Deletes old releases' images that nothing uses. */
  private void removeSpare() throws InterruptedException {
    List<EngineItem> newestFirst =
        engine.images(Names.ours(installation)).stream()
            .filter(image -> !image.label(RELEASE_LABEL).isEmpty())
            .sorted(
                Comparator.comparing((EngineItem image) -> image.createdAt().orElse(Instant.EPOCH))
                    .reversed())
            .toList();
    for (EngineItem image : newestFirst.stream().skip(1L + SPARE_MAX).toList()) {
      // One that a container uses stays: the engine refuses.
      engine.removeImage(image.id());
    }
  }

  private String imported(Path tar) throws InterruptedException {
    String tag = sha256(tar).substring(0, TAG_LENGTH);
    String reference = BASE + ":" + tag;
    if (engine.image(reference).isEmpty()) {
      if (!building.tryLock(TIME_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
        throw late();
      }
      try {
        if (engine.image(reference).isEmpty()) {
          engine.importImage(tar, BASE, tag);
          LOG.log(Level.INFO, "image.base_imported tag=" + tag);
        }
      } finally {
        building.unlock();
      }
    }
    return reference;
  }

  private String sha256(Path tar) {
    try {
      FileTime modified = Files.getLastModifiedTime(tar);
      Hashed known = hashed;
      if (known.file().equals(tar) && known.modified().equals(modified)) {
        return known.sha256();
      }
      MessageDigest digest = sha256();
      try (InputStream in = new DigestInputStream(Files.newInputStream(tar), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      String sha256 = HexFormat.of().formatHex(digest.digest());
      hashed = new Hashed(tar, modified, sha256);
      return sha256;
    } catch (IOException e) {
      throw new ProviderException(
          "base_missing", "The file system for containers cannot be read.", false, e);
    }
  }

  private Map<String, String> labels(Release release) {
    return Map.of(
        Names.INSTALLATION,
        installation.toString(),
        Names.ROLE,
        "image",
        RELEASE_LABEL,
        release.id());
  }

  private static String plain(String imageId) {
    return imageId.replace("sha256:", "");
  }

  private static ProviderException late() {
    return new ProviderException(
        "image_late", "The agent's image was not ready in time.", true, null);
  }
}

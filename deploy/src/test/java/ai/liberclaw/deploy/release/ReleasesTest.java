package ai.liberclaw.deploy.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.deploy.PlatformExtension;
import ai.liberclaw.deploy.PlatformExtension.Platform;
import ai.liberclaw.deploy.bundle.Packing;
import ai.liberclaw.deploy.bundle.SigningKey;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PlatformExtension.class)
class ReleasesTest {
  @TempDir private Path data;
  private final Platform platform;

  ReleasesTest(Platform platform) {
    this.platform = platform;
  }

  @BeforeEach
  void noReleases() throws IOException {
    platform.database().dsl().execute("delete from releases");
    SigningKey.development(data);
  }

  @Test
  void aBundleThatFitsIsKeptAndGivenOutInBothPackings() throws Exception {
    Releases releases = releases(Map.of());
    Release added = releases.add(TestBundle.make(data, "1.0.0"));
    assertTrue(Manifest.isId(added.id()));
    assertEquals(List.of(added), same(releases.all(), added));
    assertEquals(Optional.empty(), releases.current());
    assertTrue(releases.makeCurrent(added.id()));
    Release current = releases.current().orElseThrow();
    assertEquals("1.0.0", current.version());

    for (Compression compression : Compression.values()) {
      Archive archive = current.archive(compression);
      assertEquals(archive.sha256(), Sha256.of(archive.file()));
      assertEquals(archive.bytes(), Files.size(archive.file()));
      assertEquals(archive, current.archive(compression));
      Path unpacked = Files.createDirectory(data.resolve("unpacked-" + compression));
      try (TarFile tar = TarFile.open(archive.file(), compression)) {
        tar.unpack(current.manifest(), unpacked);
      }
      Process run = new ProcessBuilder(current.command(unpacked.toString())).start();
      assertEquals(
          "1.0.0\n", new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(Packing.describe(unpacked), current.manifest().files());
    }
  }

  @Test
  void theHashesAreTakenByTheToolThatTargetsHave() throws Exception {
    Release added = releases(Map.of()).add(TestBundle.make(data, "1.0.0"));
    Path unpacked = Files.createDirectory(data.resolve("unpacked"));
    try (TarFile tar = TarFile.open(added.archive(Compression.ZSTD).file(), Compression.ZSTD)) {
      tar.unpack(added.manifest(), unpacked);
    }
    assertEquals(0, sha256sum(unpacked, added.manifest().checksums()));
    Files.writeString(unpacked.resolve("app/lib/data"), "x", StandardOpenOption.APPEND);
    assertEquals(1, sha256sum(unpacked, added.manifest().checksums()));
  }

  @Test
  void theSameFilesMakeTheSameBundle() throws Exception {
    Path one = TestBundle.make(data, "1.0.0");
    Path two = TestBundle.make(data, "1.0.0");
    for (String file : List.of("agent.tar.zst", Bundle.MANIFEST, Bundle.SIGNATURE)) {
      assertArrayEquals(
          Files.readAllBytes(one.resolve(file)), Files.readAllBytes(two.resolve(file)), file);
    }
  }

  @Test
  void aChangedManifestOrAStrangersKeyIsRefused() throws Exception {
    Path bundle = TestBundle.make(data, "1.0.0");
    Releases strict = new Releases(platform.database(), settings(Map.of(), false));
    assertRefused("LIBERCLAW_RELEASE_PUBLIC_KEYS is empty", () -> strict.add(bundle));
    Path elsewhere = Files.createDirectory(data.resolve("elsewhere"));
    SigningKey.development(elsewhere);
    String stranger = Files.readString(elsewhere.resolve(ReleaseSettings.DEVELOPMENT_KEY)).strip();
    Releases others =
        new Releases(
            platform.database(),
            settings(Map.of("LIBERCLAW_RELEASE_PUBLIC_KEYS", stranger), false));
    assertRefused("signed by none", () -> others.add(bundle));

    Path manifest = bundle.resolve(Bundle.MANIFEST);
    Files.writeString(manifest, Files.readString(manifest).replace("1.0.0", "6.6.6"));
    assertRefused("signed by none", () -> releases(Map.of()).add(bundle));
  }

  @Test
  void anArchiveMustHoldExactlyWhatItsManifestSays() throws Exception {
    Path tree = Files.createDirectory(data.resolve("tree"));
    Files.writeString(tree.resolve("one"), "1");
    Files.writeString(tree.resolve("two"), "2");
    List<Manifest.Entry> told = Packing.describe(tree);
    Releases releases = releases(Map.of());

    Files.writeString(tree.resolve("two"), "3");
    assertRefused("another hash", () -> releases.add(TestBundle.pack(data, tree, told, "1.0.0")));
    Files.writeString(tree.resolve("two"), "2");
    Files.writeString(tree.resolve("more"), "4");
    assertRefused("does not say", () -> releases.add(TestBundle.pack(data, tree, told, "1.0.0")));
    Files.delete(tree.resolve("more"));
    Files.delete(tree.resolve("two"));
    assertRefused("lacks files", () -> releases.add(TestBundle.pack(data, tree, told, "1.0.0")));
  }

  @Test
  void noPathOfAManifestLeadsOutOfTheBundle() {
    String hash = "0".repeat(64);
    for (String path :
        List.of("", "/etc/passwd", "../x", "a/../x", "a//b", "a/.ssh", "a b", "a\nb", "a/")) {
      assertThrows(BundleException.class, () -> new Manifest.Entry(path, 1, 0644, hash), path);
    }
    assertThrows(BundleException.class, () -> new Manifest.Entry("a", 1, 04755, hash));
    assertThrows(BundleException.class, () -> new Manifest.Entry("a", -1, 0644, hash));
    Manifest.Entry entry = new Manifest.Entry("a", 1, 0644, hash);
    assertThrows(BundleException.class, () -> Manifest.of("1", "linux", List.of(entry, entry)));
    assertThrows(BundleException.class, () -> Manifest.parse("{}"));
    assertThrows(BundleException.class, () -> Manifest.parse("no json"));
    Manifest manifest = Manifest.of("1", "linux", List.of(entry));
    assertEquals(manifest.id(), Manifest.parse(manifest.text()).id());
  }

  @Test
  void whatCameWithTheServerIsCurrentOnceAndDoesNotUndoARollBack() throws Exception {
    Path first = TestBundle.make(data, "1.0.0");
    Releases one = releases(Map.of("LIBERCLAW_RELEASE_DIR", first.toString()));
    one.addShipped();
    Release old = one.current().orElseThrow();
    Releases two =
        releases(Map.of("LIBERCLAW_RELEASE_DIR", TestBundle.make(data, "2.0.0").toString()));
    two.addShipped();
    assertEquals("2.0.0", two.current().orElseThrow().version());
    two.makeCurrent(old.id());
    two.addShipped();
    assertEquals("1.0.0", two.current().orElseThrow().version());
    assertFalse(two.makeCurrent("0".repeat(32)));
    assertEquals("1.0.0", two.current().orElseThrow().version());
  }

  @Test
  void aNamedBundleThatCannotBeUsedEndsTheStartAndAnyOtherDoesNot() {
    Path empty = data.resolve("nothing-here");
    assertThrows(
        ConfigException.class,
        releases(Map.of("LIBERCLAW_RELEASE_DIR", empty.toString()))::addShipped);
    ReleaseSettings named = settings(Map.of(), true);
    new Releases(
            platform.database(),
            new ReleaseSettings(named.store(), Optional.of(empty), false, named.keys()))
        .addShipped();
  }

  @Test
  void aServerWithoutTheArchiveSaysSoAndLetsAnotherTry() throws Exception {
    Release added = releases(Map.of()).add(TestBundle.make(data, "1.0.0"));
    Releases elsewhere =
        new Releases(
            platform.database(),
            new ReleaseSettings(
                data.resolve("other"), Optional.empty(), false, new ReleaseKeys(List.of())));
    Release known = elsewhere.require(Optional.of(added.id()));
    ProviderException e =
        assertThrows(ProviderException.class, () -> known.archive(Compression.ZSTD));
    assertEquals("release_missing", e.code());
    assertTrue(e.retryable());
    assertThrows(ProviderException.class, () -> elsewhere.require(Optional.empty()));
    assertThrows(ProviderException.class, () -> elsewhere.require(Optional.of("../../etc")));
  }

  @Test
  void keysThatAreNoneAreAProblemThatDoesNotQuoteThem() {
    EnvReader env = new EnvReader(Map.of("LIBERCLAW_RELEASE_PUBLIC_KEYS", "bm90IGEga2V5"));
    ReleaseSettings.read(env, data, false);
    ConfigException e = assertThrows(ConfigException.class, env::throwIfProblems);
    assertFalse(String.valueOf(e.getMessage()).contains("bm90"));
  }

  private Releases releases(Map<String, String> environment) {
    return new Releases(platform.database(), settings(environment, true));
  }

  private ReleaseSettings settings(Map<String, String> environment, boolean devMode) {
    EnvReader env = new EnvReader(environment);
    ReleaseSettings settings = ReleaseSettings.read(env, data, devMode);
    env.throwIfProblems();
    return settings;
  }

  private static List<Release> same(List<Release> found, Release expected) {
    List<Release> same = new ArrayList<>();
    for (Release release : found) {
      same.add(release.id().equals(expected.id()) ? expected : release);
    }
    return same;
  }

  private static int sha256sum(Path directory, String checksums) throws Exception {
    Process check =
        new ProcessBuilder("sha256sum", "--check", "--strict", "--quiet")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    check.outputWriter().append(checksums).close();
    check.getInputStream().readAllBytes();
    return check.waitFor();
  }

  private static void assertRefused(
      String reason, org.junit.jupiter.api.function.Executable added) {
    BundleException e = assertThrows(BundleException.class, added);
    assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
  }
}

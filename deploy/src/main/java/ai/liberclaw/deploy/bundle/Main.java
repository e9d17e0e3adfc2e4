package ai.liberclaw.deploy.bundle;

import ai.liberclaw.deploy.release.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code make bundle} runs. */
public final class Main {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_ARGUMENTS = 2;

  private Main() {}

  /**
   * @param args folder of the built agent, folder the bundle goes to, its version, and the data
   *     directory, for a development key when {@code RELEASE_KEY_FILE} names none. {@code
   *     RELEASE_START_CACHE} names the start-up cache of a bundle to be made once more
   */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 4) {
      System.err.println("Usage: <agent folder> <bundle folder> <version> <data directory>");
      System.exit(EXIT_ARGUMENTS);
    }
    try {
      Path data = Path.of(args[3]);
      String keyFile = System.getenv("RELEASE_KEY_FILE");
      boolean forOthers = keyFile != null && !keyFile.isBlank();
      SigningKey key = forOthers ? SigningKey.read(Path.of(keyFile)) : SigningKey.development(data);
      int level = forOthers ? Packing.LEVEL_SMALL : Packing.LEVEL_QUICK;
      Path jdk = Path.of(System.getProperty("java.home"));
      Path bundle = Path.of(args[1]);
      Files.createDirectories(bundle);
      BundleBuild build = new BundleBuild(jdk, Path.of(args[0]), args[2], level, startCache());
      System.out.println(build.run(bundle, key));
    } catch (IOException | BundleException e) {
      System.err.println("The bundle was not made: " + e.getMessage());
      System.exit(EXIT_FAILED);
    }
  }

  private static Optional<Path> startCache() {
    return Optional.ofNullable(System.getenv("RELEASE_START_CACHE"))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }
}

package ai.liberclaw.testkit.browser;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.await.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Chromium with a fresh profile and no window. Nothing of it is left when it is closed. */
public final class Browser implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(30);
  private static final Duration END_MAX = Duration.ofSeconds(10);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final Path profile;
  private final DevTools devTools;

  private Browser(Process process, Path profile, DevTools devTools) {
    this.process = process;
    this.profile = profile;
    this.devTools = devTools;
  }

  /**
   * Starts it.
   *
   * @throws AssertionError when this machine has none
   */
  public static Browser launch() {
    Path program =
        program()
            .orElseThrow(() ->
                new AssertionError(
                    "This test needs Chromium: install it with `apt-get install chromium`."));
    try {
      Path profile = Files.createTempDirectory("browser-profile");
      Process process =
          new ProcessBuilder(command(program, profile))
              .redirectErrorStream(true)
              .redirectOutput(profile.resolve("browser.log").toFile())
              .start();
      try {
        return new Browser(process, profile, new DevTools(address(process, profile)));
      } catch (AssertionError e) {
        end(process, profile);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> program() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    return NAMES.stream()
        .flatMap(name -> Stream.of(path.split(File.pathSeparator, -1)).map(p -> Path.of(p, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static List<String> command(Path program, Path profile) {
    List<String> command = new ArrayList<>(List.of(program.toString(), "--headless=new"));
    if (System.getProperty("user.name").equals("root")) {
      // Chromium does not start its own sandbox as root.
      command.add("--no-sandbox");
    }
    command.addAll(
        List.of(
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-gpu",
            "--disable-sync",
            "--mute-audio",
            "--password-store=basic",
            "about:blank"));
    return command;
  }

  /** Chromium writes its port, and the path of its connection, into its profile. */
  private static URI address(Process process, Path profile) {
    Path file = profile.resolve("DevToolsActivePort");
    List<String> lines =
        Await.value(
            "Chromium is up",
            START_MAX,
            () -> {
              if (!process.isAlive()) {
                throw new IOException(Files.readString(profile.resolve("browser.log")));
              }
              return Optional.of(Files.readAllLines(file)).filter(found -> found.size() > 1);
            });
    return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
  }

  /** A new tab that shares nothing with others. */
  public Page page() {
    String context =
        devTools
            .call(Optional.empty(), "Target.createBrowserContext", Json.object())
            .path("browserContextId")
            .textValue();
    String target =
        devTools
            .call(
                Optional.empty(),
                "Target.createTarget",
                Json.object().put("url", "about:blank").put("browserContextId", context))
            .path("targetId")
            .textValue();
    String session =
        devTools
            .call(
                Optional.empty(),
                "Target.attachToTarget",
                Json.object().put("targetId", target).put("flatten", true))
            .path("sessionId")
            .textValue();
    return new Page(devTools, session, context);
  }

  @Override
  public void close() {
    devTools.close();
    end(process, profile);
  }

  private static void end(Process process, Path profile) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    try {
      if (!process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("Chromium did not end within " + END_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while Chromium ended", e);
    }
    Await.until(
        "Chromium's processes are gone",
        END_MAX,
        () -> all.stream().noneMatch(ProcessHandle::isAlive));
    // A last child may still write while its folder is being emptied.
    Await.until("the profile is deleted", END_MAX, () -> delete(profile));
  }

  private static boolean delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
    return true;
  }
}

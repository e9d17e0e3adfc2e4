package ai.liberclaw.agent.browser;

import ai.liberclaw.agent.sandbox.Sandbox;
import ai.liberclaw.agent.tool.shell.ChildServer;
import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedProxy;
import ai.liberclaw.core.json.Json;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A running Chromium without a window, its connection and its way into the network. */
final class Chromium implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Chromium.class.getName());
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");
  private static final Duration EXIT_GRACE = Duration.ofSeconds(1);

  /**
   * Gives it the pipes it expects, and a new profile that is deleted however it ends. Nobody but
   * who holds the other ends can command it: there is no debugging port.
   */
  private static final String SCRIPT =
      """
      umask 077
      profile=$(mktemp -d /tmp/browser-XXXXXXXX) || exit 1
      trap 'rm -rf "$profile"' EXIT
      trap : TERM
      HOME="$profile" TMPDIR="$profile" "$@" --user-data-dir="$profile/profile" \
      3<&0 4>&1 </dev/null >/dev/null 2>&1
      """;

  private static final List<String> OPTIONS =
      List.of(
          "--headless=new",
          "--remote-debugging-pipe",
          // The proxy is the only way out, for addresses of this machine too.
          "--proxy-bypass-list=<-loopback>",
          "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
          "--disable-quic",
          "--dns-prefetch-disable",
          "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
          "--webrtc-ip-handling-policy=disable_non_proxied_udp",
          "--no-pings",
          "--disable-background-networking",
          "--disable-breakpad",
          "--disable-component-update",
          "--disable-crash-reporter",
          "--disable-default-apps",
          "--disable-dev-shm-usage",
          "--disable-domain-reliability",
          "--disable-extensions",
          "--disable-features=MediaRouter,OptimizationHints,Translate",
          "--disable-gpu",
          "--disable-sync",
          "--mute-audio",
          "--no-default-browser-check",
          "--no-first-run",
          "--password-store=basic",
          "--window-size=1280,900");

  private final ChildServer process;
  private final GuardedProxy proxy;
  private final DevTools devTools;

  private Chromium(ChildServer process, GuardedProxy proxy) {
    this.process = process;
    this.proxy = proxy;
    this.devTools = new DevTools(process.output(), process.input());
  }

  static Optional<String> program(Sandbox sandbox) {
    return NAMES.stream().map(sandbox::find).flatMap(Optional::stream).findFirst();
  }

  /**
   * Starts one.
   *
   * @param ownSandbox whether Chromium uses a sandbox of its own; where that cannot work, as for
   *     root and in most other sandboxes, it ends at once
   */
  static Chromium start(
      ChildServers servers,
      String program,
      boolean ownSandbox,
      AddressPolicy policy,
      Deadline deadline)
      throws IOException, InterruptedException {
    List<String> added = ownSandbox ? List.of() : List.of("--no-sandbox");
    return start(servers, program, added, policy, deadline);
  }

  private static Chromium start(
      ChildServers servers,
      String program,
      List<String> added,
      AddressPolicy policy,
      Deadline deadline)
      throws IOException, InterruptedException {
    GuardedProxy proxy = GuardedProxy.start(policy);
    List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh", program));
    command.addAll(OPTIONS);
    command.addAll(added);
    command.add("--proxy-server=http://127.0.0.1:" + proxy.port());
    ChildServer process;
    try {
      process = servers.start(command, Map.of());
    } catch (IOException | RuntimeException e) {
      proxy.close();
      throw e;
    }
    Chromium started = new Chromium(process, proxy);
    try {
      started.devTools.call("", "Browser.getVersion", Json.object(), deadline);
      return started;
    } catch (IOException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  DevTools devTools() {
    return devTools;
  }

  GuardedProxy proxy() {
    return proxy;
  }

  boolean lost() {
    return devTools.lost();
  }

  /** Nothing of it is left. */
  @Override
  public void close() {
    proxy.close();
    devTools.post("", "Browser.close", Json.object());
    devTools.close();
    if (process.exitCode(EXIT_GRACE).isEmpty()) {
      LOG.log(Level.DEBUG, "browser.killed");
    }
    process.end();
  }
}

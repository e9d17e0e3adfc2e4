package ai.liberclaw.api.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.testkit.await.Await;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.HostProcess;
import ai.liberclaw.testkit.host.OnHosts;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A server's life on a real host: shipped, shipped again, broken, backed up, restored. */
@OnHosts
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServerInstallIT {
  private static final Duration DEPLOY_TIME_MAX = Duration.ofMinutes(5);
  private static final String API = "http://127.0.0.1:8000/api/v1";
  private static final String BASE = "/opt/liberclaw-server";
  private static final String SETTINGS = "/etc/liberclaw/server.env";

  private Path directory;
  private DebianHost host;

  @BeforeAll
  void start(@TempDir Path shared) throws IOException {
    directory = shared;
    host = DebianHost.plan().install("sudo", "postgresql", "caddy", "bubblewrap").start();
    host.addUser("ops", true);
    Files.writeString(
        directory.resolve("known_hosts"),
        "[127.0.0.1]:" + host.sshPort() + " " + host.hostKey() + "\n");
  }

  @AfterAll
  void stop() {
    if (host != null) {
      host.close();
    }
  }

  @Test
  @Order(1)
  void oneCommandPutsTheBuildOnAFreshHost() throws Exception {
    String said = deploy("--domain", "localhost", "--providers", "process");
    assertTrue(said.contains("runs, ready after"), said);

    assertEquals("200", status("/health/ready"));
    assertEquals("root:root 600", host.access(SETTINGS));
    assertEquals("liberclaw:liberclaw 700", host.access("/var/lib/liberclaw-server"));
    FernetKeys.parse(setting("LIBERCLAW_ENCRYPTION_KEY"), false);
    assertTrue(setting("LIBERCLAW_JWT_SECRET").length() >= 32);

    assertEquals(
        List.of("liberclaw"),
        host.processes().stream()
            .filter(
                process -> process.arguments().stream().anyMatch(a -> a.endsWith("/api/api.jar")))
            .map(HostProcess::user)
            .toList());
    // Where anybody looks: arguments of all, and the environment of the server itself.
    String password = setting("LIBERCLAW_DATABASE_URL").replaceAll(".*:(.*)@.*", "$1");
    List<String> secrets =
        List.of(password, setting("LIBERCLAW_ENCRYPTION_KEY"), setting("LIBERCLAW_JWT_SECRET"));
    for (HostProcess process : host.processes()) {
      for (String secret : secrets) {
        assertFalse(process.toString().contains(secret), "a secret is in the process list");
      }
    }
    assertEquals(
        "200",
        host.check(
            "curl",
            "-sk",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "https://localhost/api/v1/health"));
  }

  @Test
  @Order(2)
  void shippedAgainItChangesNoSetting() throws Exception {
    String before = host.read(SETTINGS);
    String caddy = host.read("/etc/caddy/Caddyfile") + host.read("/etc/liberclaw/Caddyfile");
    String release = host.check("readlink", "-e", BASE + "/current");
    deploy("--domain", "another.example.org", "--providers", "ssh", "--database", "embedded");
    assertEquals(before, host.read(SETTINGS));
    assertEquals(caddy, host.read("/etc/caddy/Caddyfile") + host.read("/etc/liberclaw/Caddyfile"));
    assertEquals(release, host.check("readlink", "-e", BASE + "/current"));
    assertEquals("200", status("/health/ready"));
  }

  @Test
  @Order(3)
  void theDoctorFindsWhatIsInOrderAndWhatIsNot() {
    JsonNode report = Json.parse(host.run("liberclaw", "doctor", "--json").out());
    Map<String, String> levels = new HashMap<>();
    report
        .get("findings")
        .forEach(finding ->
            levels.merge(
                finding.get("check").asText(),
                finding.get("level").asText(),
                (a, b) -> a.equals("fail") ? a : b));
    for (String check : List.of("secrets", "database", "keys", "providers", "server", "java")) {
      assertEquals("ok", levels.get(check), report::toPrettyString);
    }
    // A container may not have as many files open as a machine.
    assertNotEquals("fail", levels.get("descriptors"));
    assertEquals("fail", levels.get("mail"), "no mail server was named");
    assertEquals("warn", levels.get("models"), "no key was given");
  }

  @Test
  @Order(4)
  void agentsLiveInTheHardenedUnitAndSurviveItsCrash() {
    host.write("/tmp/offline", "MODEL_PROVIDER=offline\n");
    host.check("sh", "-c", "cat /tmp/offline >> " + SETTINGS + "; systemctl restart liberclaw-api");
    awaitReady();
    String token = guest("first");
    String agent =
        Json.parse(
                host.check(
                    "curl",
                    "-sf",
                    API + "/agents/",
                    "-H",
                    "Authorization: Bearer " + token,
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    "{\"name\":\"Ada\",\"system_prompt\":\"\"}"))
            .get("id")
            .asText();
    Await.until(
        "the agent runs",
        Duration.ofSeconds(90),
        () -> get("/agents/" + agent, token).contains("\"deployment_status\":\"running\""));
    host.check("sh", "-c", "kill -9 $(systemctl show -p MainPID --value liberclaw-api)");
    Await.until(
        "the server is gone", Duration.ofSeconds(20), () -> !status("/health").equals("200"));
    List<String> agents =
        host.processes().stream()
            .map(process -> String.join(" ", process.arguments()))
            .filter(arguments -> arguments.contains("agent.jar"))
            .toList();
    assertEquals(1, agents.size(), "the agent lives on");
    awaitReady();
    Await.until(
        "the agent is answered for again",
        Duration.ofSeconds(60),
        () -> get("/agents/" + agent + "/health", token).contains("\"healthy\":true"));
  }

  @Test
  @Order(5)
  void aReleaseThatDoesNotComeUpGivesWayToTheOneBefore() throws Exception {
    String good = host.check("readlink", "-e", BASE + "/current");
    host.check(
        "sh",
        "-c",
        "cp -a $(readlink -e "
            + BASE
            + "/current) /root/broken && cd /root/broken && echo broken > VERSION"
            + " && printf 'LiberClaw-Broken: yes' > api/api.jar && rm SHA256SUMS"
            + " && find . -type f | sort | xargs sha256sum > /root/sums && mv /root/sums SHA256SUMS");
    Said output = ssh("/root/broken/ops/install");
    assertEquals(1, output.status(), output::text);
    assertTrue(output.text().contains("back to"), output::text);
    assertEquals(good, host.check("readlink", "-e", BASE + "/current"));
    assertEquals("200", status("/health/ready"));
  }

  @Test
  @Order(6)
  void aDamagedReleaseIsNotTouched() throws Exception {
    host.check(
        "sh",
        "-c",
        "rm -rf /root/broken && cp -a $(readlink -e "
            + BASE
            + "/current) /root/damaged && echo x >> /root/damaged/api/api.jar");
    Said output = ssh("/root/damaged/ops/install");
    assertEquals(1, output.status(), output::text);
    assertTrue(output.text().contains("damaged"), output::text);
    assertEquals("200", status("/health/ready"));
  }

  @Test
  @Order(7)
  void whatWasBackedUpComesBack() throws Exception {
    String before = guest("backed-up");
    host.check("systemctl", "start", "liberclaw-backup");
    String backup = host.check("sh", "-c", "ls -1d /var/backups/liberclaw/*Z | tail -1");
    assertEquals("root:root 700", host.access(backup));
    String after = guest("not-backed-up");
    assertEquals("200", statusAs("/users/me", after));

    Said restored = ssh(BASE + "/current/ops/restore " + backup);
    assertEquals(0, restored.status(), restored::text);
    assertTrue(restored.text().contains("liberclaw_before_"), restored::text);
    awaitReady();
    assertEquals("200", statusAs("/users/me", before));
    assertNotEquals("200", statusAs("/users/me", after));

    host.check("sh", "-c", "echo x >> " + backup + "/database.dump");
    Said output = ssh(BASE + "/current/ops/restore " + backup);
    assertEquals(1, output.status(), output::text);
    assertEquals("200", statusAs("/users/me", before));
  }

  /** How a command ended, and what it printed. */
  private record Said(int status, String text) {}

  private String deploy(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("../deploy/ops/deploy-server", "ops@127.0.0.1"));
    command.addAll(List.of(options));
    Said said = run(command);
    assertEquals(0, said.status(), said::text);
    return said.text();
  }

  /** A command as root, for as long as it takes. */
  private Said ssh(String command) throws Exception {
    List<String> words = new ArrayList<>(List.of(sshCommand().split(" ")));
    words.addAll(List.of("root@127.0.0.1", command));
    return run(words);
  }

  private String sshCommand() {
    return "ssh -p %d -i %s -o UserKnownHostsFile=%s"
        .formatted(host.sshPort(), host.key(), directory.resolve("known_hosts"));
  }

  private Said run(List<String> command) throws Exception {
    Path log = directory.resolve("command.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("GZIP_LEVEL", "1");
    builder.environment().put("SSH", sshCommand());
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(DEPLOY_TIME_MAX.toSeconds(), TimeUnit.SECONDS), "in time");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Said(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
  }

  private String setting(String name) {
    return host.read(SETTINGS)
        .lines()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  private void awaitReady() {
    Await.until(
        "the server is ready", Duration.ofSeconds(90), () -> status("/health/ready").equals("200"));
  }

  private String status(String path) {
    return host.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", API + path).out();
  }

  private String statusAs(String path, String token) {
    return host.run(
            "curl",
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-H",
            "Authorization: Bearer " + token,
            API + path)
        .out();
  }

  private String get(String path, String token) {
    return host.run("curl", "-s", "-H", "Authorization: Bearer " + token, API + path).out();
  }

  private String guest(String device) {
    return Json.parse(
            host.check(
                "curl",
                "-sf",
                API + "/auth/guest",
                "-H",
                "Content-Type: application/json",
                "-d",
                "{\"device_id\":\"" + device + "\"}"))
        .get("access_token")
        .asText();
  }
}

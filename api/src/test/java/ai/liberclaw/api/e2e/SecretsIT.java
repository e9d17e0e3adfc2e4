package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.testkit.process.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * After a conversation no secret is in any log, argument or environment of the platform, and no
 * model key in anything that an agent or its tools can see.
 */
class SecretsIT {
  @Test
  void noSecretIsLeftInLogsArgumentsOrEnvironments() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Zo\u00eb \u4f60");
      guest.awaitRunning(agent);
      // A name that Java opens only in a UTF-8 locale.
      String name = "\u00fcber-\u4f60\u597d.txt";
      String message =
          """
          /tool write_file {"path":"%s","content":"gr\u00fc\u00df"}
          /tool read_file {"path":"%s"}
          /tool bash {"command":"ls"}
          /tool bash {"command":"cat /proc/$PPID/environ; cat /proc/$PPID/cmdline"}
          /tool bash {"command":"e=environ; cat /proc/[0-9]*/$e /proc/[0-9]*/cmdline; grep -rs %s .. /etc"}\
          """
              .formatted(name, name, "sk-e2e-key");
      String events;
      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", message).toString())) {
        events = stream.toEnd().toString();
      }
      Path home = platform.directory.resolve("data/agents").resolve(agent);
      String sent = platform.model.lastRequest().messages().toString();
      List<String> results =
          StreamSupport.stream(platform.model.lastRequest().messages().spliterator(), false)
              .filter(m -> m.get("role").textValue().equals("tool"))
              .map(m -> m.get("content").textValue())
              .toList();
      assertTrue(results.get(1).contains("gr\u00fc\u00df"), results::toString);
      assertTrue(results.get(2).contains(name), results::toString);

      Path devEnv = platform.directory.resolve("data/dev.env");
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(devEnv)));
      Map<String, String> secrets = new LinkedHashMap<>(DotEnv.read(devEnv));
      secrets.put("model key", Platform.MODEL_KEY);
      guest.secrets().forEach(token -> secrets.put("token " + secrets.size(), token));
      try (Rows rows = Rows.of(platform)) {
        String sealed = rows.text("select auth_token from agents");
        FernetKeys keys =
            FernetKeys.parse(secrets.getOrDefault("LIBERCLAW_ENCRYPTION_KEY", ""), false);
        secrets.put("agent secret", keys.decrypt(sealed));
      }
      assertEquals(7, secrets.size(), secrets.keySet().toString());

      String key = Platform.MODEL_KEY;
      assertEquals(
          "Bearer " + key,
          platform.model.lastRequest().headers().get("authorization"),
          "the gateway used it");
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String content = Files.readString(file, StandardCharsets.ISO_8859_1);
          assertFalse(content.contains(key), file::toString);
        }
      }
      assertFalse(events.contains(key), "in what the tools saw");
      for (String path :
          List.of(
              "/agents/" + agent, "/agents/" + agent + "/status", "/chat/" + agent + "/history")) {
        assertFalse(guest.get(path).toString().contains(key), path);
      }

      Map<String, String> places = new LinkedHashMap<>();
      places.put("log of the api", platform.api().log());
      places.put("what the model was sent", sent);
      try (Stream<Path> files = Files.list(home)) {
        for (Path file : files.filter(f -> f.toString().contains(".log")).toList()) {
          places.put(file.toString(), Files.readString(file));
        }
      }
      List<Long> processes = platform.processes();
      assertTrue(processes.size() >= 2, processes::toString);
      for (long pid : processes) {
        places.put("arguments of " + pid, Processes.arguments(pid));
        places.put("environment of " + pid, environment(pid));
      }
      places.forEach((place, text) ->
          secrets.forEach(
              (secret, value) -> assertFalse(text.contains(value), () -> secret + " in " + place)));
    }
  }

  /** Empty when the process has ended meanwhile. */
  private static String environment(long pid) {
    try {
      byte[] block = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
      return new String(block, StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return "";
    }
  }
}

package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.agent.StubAgent;
import ai.liberclaw.testkit.host.OnHosts;
import ai.liberclaw.testkit.process.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Debian's Caddy before the api and before its agent: a chat's events still come one by one. */
@OnHosts
@ExtendWith(Postgres.Extension.class)
class CaddyTest {
  private static final int EVENTS = 5;
  private static final long PACE_MS = 400;

  @TempDir private Path folder;

  @Test
  void eventsArriveOneByOneThroughBothProxies(Postgres postgres) throws Exception {
    int outside = ServerProcess.freePort();
    int beforeAgent = ServerProcess.freePort();
    try (TestApi api = TestApi.start(postgres, Map.of("LIBERCLAW_THROTTLE_MULTIPLIER", "1000"));
        StubAgent agent = new StubAgent(TestChat.OURS).on("POST /chat", (_, c) -> paced(c))) {
      Path configuration = folder.resolve("Caddyfile");
      Files.writeString(
          configuration,
          // As on a real server, but without names and certificates.
          """
          {
          	admin off
          	auto_https off
          }
          http://127.0.0.1:%d {
          	encode {
          		gzip
          		match {
          			header Content-Type application/json*
          		}
          	}
          	reverse_proxy 127.0.0.1:%d {
          		flush_interval -1
          	}
          }
          http://127.0.0.1:%d {
          	reverse_proxy 127.0.0.1:%d {
          		flush_interval -1
          	}
          }
          """
              .formatted(
                  outside, api.server.port(), beforeAgent, URI.create(agent.origin()).getPort()));
      Process caddy = caddy(configuration);
      try {
        TestApi.Tokens tokens = api.guest();
        var id = api.adoptAgent(api.userId(tokens), "http://127.0.0.1:" + beforeAgent);
        TestApi.await(TestApi.DEADLINE, () -> healthy(outside));
        List<Long> arrivals = chat(outside, "/api/v1/chat/" + id, tokens.access());
        assertEquals(EVENTS, arrivals.size());
        for (int i = 1; i < EVENTS; i++) {
          long gap = (arrivals.get(i) - arrivals.get(i - 1)) / 1_000_000;
          assertTrue(gap > PACE_MS / 3, "events come together: " + gap + " ms apart");
        }
      } finally {
        caddy.destroyForcibly().waitFor();
      }
    }
  }

  private static void paced(ai.liberclaw.testkit.agent.StubConnection connection) throws Exception {
    connection.head();
    for (int i = 0; i < EVENTS; i++) {
      connection.event("{\"type\":\"text\",\"content\":\"part " + i + "\"}");
      Thread.sleep(PACE_MS);
    }
    connection.event(TestChat.DONE);
  }

  private Process caddy(Path configuration) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "caddy", "run", "--config", configuration.toString(), "--adapter", "caddyfile")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", "/usr/bin:/bin",
                "HOME", folder.toString(),
                "XDG_DATA_HOME", folder.toString(),
                "XDG_CONFIG_HOME", folder.toString()));
    return builder.start();
  }

  private static boolean healthy(int port) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/health");
      return client
              .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException | InterruptedException _) {
      return false;
    }
  }

  /** When each text event came. */
  private static List<Long> chat(int port, String path, String token) throws Exception {
    List<Long> arrivals = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(TestApi.DEADLINE)
              .header("Authorization", "Bearer " + token)
              .header("Content-Type", "application/json")
              .header("Accept-Encoding", "gzip")
              .POST(HttpRequest.BodyPublishers.ofString(TestChat.HELLO))
              .build();
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      try (BufferedReader in =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        for (String line; (line = in.readLine()) != null; ) {
          if (line.contains("part ")) {
            arrivals.add(System.nanoTime());
          }
        }
      }
    }
    return arrivals;
  }
}

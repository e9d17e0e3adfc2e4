package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files through the packaged api to a packaged agent and back. */
class FilesIT {
  private static final String BOUNDARY = "client-boundary";
  private static final int LARGE = 40 << 20;
  private static final int AT_ONCE = 3;

  /** Of which less than one large file is free. */
  private static final String HEAP = "-Xmx72m";

  @Test
  void b18LargeFilesPassThroughASmallHeap(@TempDir Path directory) throws Exception {
    Path large = directory.resolve("large");
    byte[] bytes = new byte[LARGE];
    new Random(7).nextBytes(bytes);
    Files.write(large, bytes);
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);

    try (Platform platform = Platform.start(HEAP)) {
      Guest guest = Guest.signIn(platform);
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> transfers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
          String name = "l\u00e4rge " + i + "#?.png";
          transfers.add(
              threads.submit(() -> {
                HttpResponse<String> saved = upload(guest, agent, name, large);
                assertEquals(200, saved.statusCode(), saved.body());
                JsonNode file = Json.parse(saved.body());
                assertEquals("docs/deep/" + name, file.get("path").textValue());
                assertEquals(LARGE, file.get("size").intValue());
                assertArrayEquals(sum, downloaded(guest, agent, below(name)));
                return null;
              }));
        }
        for (Future<?> transfer : transfers) {
          transfer.get();
        }
      }
      JsonNode tree = guest.get("/files/" + agent + "/tree").get("tree");
      assertTrue(tree.toString().contains("docs/deep/l\u00e4rge 0#?.png"), tree.toString());

      String path = "/files/" + agent + below("l\u00e4rge 0#?.png");
      HttpResponse<InputStream> part = guest.download(path, "Range", "bytes=10-14");
      assertEquals(206, part.statusCode());
      assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 10, 15), part.body().readAllBytes());
      assertEquals("image/png", part.headers().firstValue("Content-Type").orElse(""));
      String tag = part.headers().firstValue("ETag").orElse("");
      assertEquals(304, guest.download(path, "If-None-Match", tag).statusCode());
      HttpResponse<String> head = guest.call("HEAD", path, null);
      assertEquals(200, head.statusCode());
      assertEquals(Integer.toString(LARGE), head.headers().firstValue("Content-Length").orElse(""));
      assertEquals(404, guest.call("GET", "/files/" + agent + "/agent.db", null).statusCode());
      assertEquals(404, guest.call("GET", "/files/" + agent + "/none", null).statusCode());
    }
  }

  /** The path of a file below the agent's, encoded. */
  private static String below(String name) {
    return "/docs/deep/"
        + java.net.URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static HttpResponse<String> upload(Guest guest, String agent, String name, Path file)
      throws Exception {
    String head =
        "--%s\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\ndocs/deep\r\n--%s\r\n"
                .formatted(BOUNDARY, BOUNDARY)
            + "Content-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                .formatted(name);
    return guest.upload(
        agent,
        "multipart/form-data; boundary=" + BOUNDARY,
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofFile(file),
            BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")));
  }

  private static byte[] downloaded(Guest guest, String agent, String path) throws Exception {
    HttpResponse<InputStream> answer = guest.download("/files/" + agent + path);
    assertEquals(200, answer.statusCode());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new DigestInputStream(answer.body(), digest)) {
      assertEquals(LARGE, in.transferTo(java.io.OutputStream.nullOutputStream()));
    }
    return digest.digest();
  }
}

package ai.liberclaw.bench;

import java.nio.charset.StandardCharsets;

/** Requests as bytes, so that sending one costs nothing that could be measured by mistake. */
final class RawRequest {
  private RawRequest() {}

  /**
   * @param headers each with its line end
   */
  static byte[] get(String path, String headers) {
    return bytes("GET " + path + " HTTP/1.1\r\nHost: bench\r\n" + headers + "\r\n");
  }

  static byte[] post(String path, String headers, String body) {
    return bytes(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
            + bytes(body).length
            + "\r\n"
            + headers
            + "\r\n"
            + body);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients send that cannot be is their fault, and said as such. */
@ExtendWith(Postgres.Extension.class)
class FaultyInputTest {
  private static final String NUL = "\\u0000";

  @Test
  void c8WhatCannotBeStoredOrMeantIsRefused(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      String guest = api.guest().access();
      refused(
          400,
          api.post(
              "/agents/", guest, "{\"name\":\"A\",\"system_prompt\":\"x\",\"model\":\"gpt\"}"));
      refused(
          422, api.post("/agents/", guest, "{\"name\":\"" + NUL + "\",\"system_prompt\":\"x\"}"));
      refused(
          422, api.post("/agents/", guest, "{\"name\":\"A\",\"system_prompt\":\"" + NUL + "\"}"));
      refused(422, api.call("PATCH", "/users/me", guest, "{\"display_name\":\"" + NUL + "\"}"));
      refused(422, api.post("/auth/guest", null, "{\"device_id\":\"" + NUL + "\"}"));
      refused(422, api.post("/auth/login/email", null, "{\"email\":\"a" + NUL + "@example.com\"}"));
      refused(422, api.post("/auth/verify-magic-link", null, "{\"token\":\"" + NUL + "\"}"));
      refused(422, api.post("/auth/refresh", null, "{\"refresh_token\":\"" + NUL + "\"}"));
      refused(422, api.call("GET", "/usage/history?days=-1", guest, null));
      refused(404, api.call("GET", "/templates/%00", null, null));
      refused(404, api.call("GET", "/skills/%ff", null, null));
    }
  }

  @Test
  void c8AQueryThatIsCutOffIsTheClientsFault(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.server.port())) {
      socket.setSoTimeout((int) TestApi.DEADLINE.toMillis());
      String request =
          "GET /api/v1/activity/public?limit=% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertTrue(answer.endsWith("{\"detail\":\"Bad Request\"}"), answer);
    }
  }

  private static void refused(int status, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.uri() + " " + answer.body());
  }
}

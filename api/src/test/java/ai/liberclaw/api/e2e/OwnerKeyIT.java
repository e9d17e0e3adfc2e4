package ai.liberclaw.api.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.process.Processes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A key that a user brought is what the model is called with, and nothing else learns it. */
class OwnerKeyIT {
  private static final String KEY = "sk-brought-by-its-owner-0123456789";

  @Test
  void c18TheModelIsCalledWithTheOwnersKey() throws Exception {
    try (Platform platform = Platform.start()) {
      Guest guest = Guest.signIn(platform);
      String body = Json.object().put("key", KEY).toString();
      assertEquals(201, guest.call("POST", "/users/me/api-keys", body).statusCode());
      String agent = guest.create("Ada");
      guest.awaitRunning(agent);
      String message =
          "/tool bash {\"command\":\"env; cat /proc/$PPID/environ; grep -r sk-brought ..\"}";
      try (EventStream stream =
          guest.chat(agent, Json.object().put("message", message).toString())) {
        stream.toEnd();
      }
      Map<String, String> headers = platform.model.lastRequest().headers();
      assertEquals(
          List.of("Bearer " + KEY),
          headers.entrySet().stream()
              .filter(header -> header.getKey().equalsIgnoreCase("Authorization"))
              .map(Map.Entry::getValue)
              .toList());
      assertFalse(platform.model.lastRequest().messages().toString().contains(KEY));
      assertFalse(platform.api().log().contains(KEY));
      for (long pid : platform.processes()) {
        assertFalse(Processes.arguments(pid).contains(KEY));
      }
    }
  }
}

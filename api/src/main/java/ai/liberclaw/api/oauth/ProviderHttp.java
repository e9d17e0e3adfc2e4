package ai.liberclaw.api.oauth;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import com.github.scribejava.core.httpclient.jdk.JDKHttpClient;
import com.github.scribejava.core.model.Response;
import com.github.scribejava.core.model.Verb;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Talks to one provider, scribejava's requests included, whose own transport bounds neither the
 * time nor the size of an answer. Only the configured addresses are asked and no redirect is
 * followed.
 */
final class ProviderHttp extends JDKHttpClient {
  private static final long ANSWER_BYTES_MAX = 256 * 1024;
  private static final String USER_AGENT = "LiberClaw";

  private final GuardedClient client;
  private final GuardedClient.Limits limits;

  ProviderHttp(List<URI> addresses, Duration timeout) {
    List<String> hosts = addresses.stream().map(URI::getAuthority).toList();
    this.client = new GuardedClient(new AddressPolicy(hosts));
    this.limits = new GuardedClient.Limits(timeout, ANSWER_BYTES_MAX, 0);
  }

  /** What came, whatever its status. */
  record Answer(int status, String body) {}

  /** A request for the token, which scribejava wrote. */
  @Override
  public Response execute(
      String userAgent, Map<String, String> headers, Verb verb, String url, byte[] body)
      throws InterruptedException, IOException {
    Map<String, String> sent = new HashMap<>(headers);
    sent.put("Content-Type", "application/x-www-form-urlencoded");
    sent.put("User-Agent", USER_AGENT);
    // Without it GitHub answers with a form.
    sent.put("Accept", "application/json");
    try (GuardedResponse response = client.post(url, sent, body, limits)) {
      return new Response(response.status(), "", Map.of(), text(response));
    }
  }

  Answer get(URI url, String accessToken) throws IOException, InterruptedException {
    Map<String, String> headers =
        Map.of(
            "Authorization",
            "Bearer " + accessToken,
            "User-Agent",
            USER_AGENT,
            "Accept",
            "application/json");
    try (GuardedResponse response = client.get(url.toString(), headers, limits)) {
      return new Answer(response.status(), text(response));
    }
  }

  private static String text(GuardedResponse response) throws IOException, InterruptedException {
    return new String(response.bytes(), StandardCharsets.UTF_8);
  }
}

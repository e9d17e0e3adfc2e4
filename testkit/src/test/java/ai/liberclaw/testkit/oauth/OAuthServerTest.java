package ai.liberclaw.testkit.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A client that does not do all that is due gets no token. */
final class OAuthServerTest {
  private static final String REDIRECT = "https://api.example/callback";
  // Of RFC 7636, appendix B.
  private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

  private final HttpClient http = HttpClient.newHttpClient();

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpResponse<String> authorize(OAuthServer server, Map<String, String> changes)
      throws Exception {
    Map<String, String> fields = new HashMap<>();
    fields.put("client_id", OAuthServer.CLIENT_ID);
    fields.put("redirect_uri", REDIRECT);
    fields.put("response_type", "code");
    fields.put("scope", "user:email");
    fields.put("state", "s".repeat(30));
    fields.put("code_challenge", CHALLENGE);
    fields.put("code_challenge_method", "S256");
    fields.putAll(changes);
    return http.send(
        HttpRequest.newBuilder(URI.create(server.authorizeUrl() + "?" + form(fields))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String token(OAuthServer server, Map<String, String> changes) throws Exception {
    String target = authorize(server, Map.of()).headers().firstValue("Location").orElseThrow();
    Map<String, String> fields = new HashMap<>();
    fields.put("grant_type", "authorization_code");
    fields.put("client_id", OAuthServer.CLIENT_ID);
    fields.put("client_secret", OAuthServer.CLIENT_SECRET);
    fields.put("redirect_uri", REDIRECT);
    fields.put("code", target.replaceAll(".*[?&]code=([^&]+).*", "$1"));
    fields.put("code_verifier", VERIFIER);
    fields.putAll(changes);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.tokenUrl()))
            .POST(HttpRequest.BodyPublishers.ofString(form(fields)))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void aCodeIsGivenToRegisteredClientsThatAskWithAChallenge() throws Exception {
    try (GitHubServer server = GitHubServer.start(REDIRECT)) {
      server.person(Optional.of(Person.of("7", "Ada", "ada@example.com", true)));
      assertEquals(302, authorize(server, Map.of()).statusCode());
      List<Map<String, String>> wrong =
          List.of(
              Map.of("client_id", "another"),
              Map.of("redirect_uri", REDIRECT + "/x"),
              Map.of("response_type", "token"),
              Map.of("scope", "repo"),
              Map.of("state", "short"),
              Map.of("code_challenge", ""),
              Map.of("code_challenge_method", "plain"));
      for (Map<String, String> change : wrong) {
        assertEquals(400, authorize(server, change).statusCode(), change.toString());
      }
      assertEquals(wrong.size(), server.problems().size());
    }
  }

  @Test
  void aTokenIsGivenToWhoAskedForTheCode() throws Exception {
    try (GitHubServer server = GitHubServer.start(REDIRECT)) {
      server.person(Optional.of(Person.of("7", "Ada", "ada@example.com", true)));
      assertTrue(token(server, Map.of()).startsWith("access_token="));
      for (Map<String, String> change :
          List.of(
              Map.of("client_secret", "wrong"),
              Map.of("grant_type", "password"),
              Map.of("redirect_uri", REDIRECT + "/x"),
              Map.of("code", "unknown"),
              Map.of("code_verifier", "v".repeat(43)))) {
        String answer = token(server, change);
        assertTrue(answer.contains("\"error\""), change + answer);
      }
    }
  }
}

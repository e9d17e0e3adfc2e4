package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.oauth.Fault;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Browser sign-in where a provider, a browser or the configuration is not as it should be. */
class OAuthTroubleTest extends OAuthCase {
  @Test
  void theWebAppIsToldWhyNobodyCame() throws Exception {
    assertEquals("error=access_denied", back(away(api, "github", Optional.empty(), "")));
    Return other = away("google", person());
    assertEquals("error=provider_error", back(other.with("error=server_error&" + other.state())));
    Return codeless = away("google", person());
    assertEquals("error=invalid_request", back(codeless.with(codeless.state())));
    Return done = away("google", person());
    HttpResponse<String> last = come(api, done.path(), done.cookie());
    assertEquals(
        "liberclaw_oauth=; Max-Age=0; Path=/api/v1/auth/oauth; HttpOnly; SameSite=Lax; Secure",
        last.headers().firstValue("Set-Cookie").orElseThrow());
  }

  @Test
  void aProviderThatMisbehavesEndsAtTheWebApp() throws Exception {
    List<Fault> faults =
        List.of(
            new Fault.Status(500),
            new Fault.Status(429),
            new Fault.Status(302),
            new Fault.Cut(),
            new Fault.Body("{\"a"),
            new Fault.Body("  "),
            new Fault.Body("[]"),
            new Fault.Body("{\"access_token\":7,\"sub\":{}}"),
            new Fault.Body("<html>no"),
            new Fault.Huge(300_000));
    for (Fault fault : faults) {
      for (String path : List.of("/token", "/userinfo")) {
        google.fail(path, fault);
        if (path.equals("/userinfo")) {
          // Or its second try goes well.
          google.fail(path, fault);
        }
        assertEquals("error=provider_error", back(away("google", person())), path + fault);
        google.clearFaults();
      }
    }
    for (String path : List.of("/user", "/user/emails")) {
      github.fail(path, new Fault.Status(404));
      assertEquals("error=provider_error", back(away("github", person())), path);
    }
  }

  @Test
  void aSilentProviderIsNotWaitedFor(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_OAUTH_TIMEOUT_SECONDS", "0.2");
    try (TestApi hasty = TestApi.start(postgres, settings)) {
      google.fail("/token", new Fault.Slow(Duration.ofSeconds(30)));
      Return browser = away(hasty, "google", Optional.of(person()), "");
      assertEquals(
          CALLBACK + "error=provider_error",
          location(come(hasty, browser.path(), browser.cookie())));
    } finally {
      google.clearFaults();
    }
  }

  @Test
  void aPassingFaultOfAProfileIsTriedOnceMore() throws Exception {
    for (Fault fault : List.of(new Fault.Status(503), new Fault.Cut())) {
      google.fail("/userinfo", fault);
      tokens(back(away("google", person())));
      github.fail("/user/emails", fault);
      tokens(back(away("github", person())));
    }
  }

  @Test
  void startsFromOneAddressAreLimited(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_THROTTLE_MULTIPLIER", "0.02");
    try (TestApi slow = TestApi.start(postgres, settings)) {
      for (int i = 0; i < 2; i++) {
        away(slow, "google", Optional.of(person()), "");
      }
      assertEquals(
          CALLBACK + "error=too_many_requests",
          location(slow.call("GET", "/auth/oauth/github", null, null)));
    }
  }

  @Test
  void whatIsNotConfiguredIsSaidSo(Postgres postgres) throws Exception {
    try (TestApi bare =
        TestApi.start(postgres, Map.of("LIBERCLAW_GOOGLE_CLIENT_ID", "for ID tokens alone"))) {
      for (String page : List.of("", "/callback?code=x&state=y")) {
        HttpResponse<String> google = bare.call("GET", "/auth/oauth/google" + page, null, null);
        assertEquals(501, google.statusCode());
        assertEquals("{\"detail\":\"Google OAuth not configured\"}", google.body());
        HttpResponse<String> github = bare.call("GET", "/auth/oauth/github" + page, null, null);
        assertEquals(501, github.statusCode());
        assertEquals("{\"detail\":\"GitHub OAuth not configured\"}", github.body());
      }
    }
  }

  @Test
  void onLoopbackTheCookieIsNotKeptFromPlainHttp(Postgres postgres) throws Exception {
    Map<String, String> settings = settings();
    settings.put("LIBERCLAW_API_URL", "http://localhost:8000");
    try (TestApi local = TestApi.start(postgres, settings)) {
      HttpResponse<String> start = local.call("GET", "/auth/oauth/google", null, null);
      assertTrue(
          location(start)
              .contains(
                  "redirect_uri=http%3A%2F%2Flocalhost%3A8000"
                      + "%2Fapi%2Fv1%2Fauth%2Foauth%2Fgoogle%2Fcallback"));
      assertTrue(start.headers().firstValue("Set-Cookie").orElseThrow().endsWith("; SameSite=Lax"));
    }
  }

  @Test
  void anExchangeWithoutACodeIsInvalidAndEchoesNothing() throws Exception {
    HttpResponse<String> refused = api.post("/auth/oauth/exchange", null, "{\"code\":7351}");
    assertEquals(422, refused.statusCode());
    assertFalse(Json.parse(refused.body()).toString().contains("7351"));
  }
}

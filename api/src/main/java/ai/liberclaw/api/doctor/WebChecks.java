package ai.liberclaw.api.doctor;

import ai.liberclaw.core.http.AddressPolicy;
import ai.liberclaw.core.http.FetchException;
import ai.liberclaw.core.http.GuardedClient;
import ai.liberclaw.core.http.GuardedResponse;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is reached over HTTP: this server, its public addresses, the models, the right time. */
public final class WebChecks {
  private static final Duration TIME_MAX = Duration.ofSeconds(10);
  private static final int ANSWER_BYTES_MAX = 1024 * 1024;
  private static final int REDIRECTS_MAX = 3;
  private static final Duration SKEW_WARN = Duration.ofSeconds(5);
  private static final Duration SKEW_FAIL = Duration.ofSeconds(60);

  private final Clock clock;

  public WebChecks(Clock clock) {
    this.clock = clock;
  }

  /** What came, or why nothing did. */
  record Answer(int status, Optional<String> date, Optional<FetchException> failure) {
    String reason() {
      return failure.map(FetchException::getMessage).orElse("answered " + status);
    }
  }

  /** The server that these settings belong to. */
  public List<Finding> server(String host, int port) throws InterruptedException {
    String name = host.contains(":") ? "[" + host + "]" : host;
    String near = Set.of("0.0.0.0", "[::]").contains(name) ? "127.0.0.1" : name;
    Answer answer = get("http://" + near + ":" + port + "/api/v1/health/ready", Map.of());
    if (answer.status() == 200) {
      return List.of(Finding.ok("runs and is ready"));
    }
    return List.of(
        answer.failure().isPresent()
            ? Finding.warn(
                "nothing answers at HOST and PORT: " + answer.reason(),
                "Start it: systemctl start liberclaw-api, and look: journalctl -u liberclaw-api")
            : Finding.fail(
                "it runs and is not ready: " + answer.reason(),
                "The other findings may say why; else: journalctl -u liberclaw-api"));
  }

  /**
   * The addresses that other machines use.
   *
   * @param origins those that browsers may call from
   */
  public List<Finding> addresses(URI api, URI frontend, Set<String> origins)
      throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    Answer health = get(trimmed(api) + "/api/v1/health", Map.of());
    findings.add(
        health.status() == 200
            ? Finding.ok("LIBERCLAW_API_URL leads here")
            : Finding.fail(
                "LIBERCLAW_API_URL does not lead to an API: " + health.reason(),
                "Its name must resolve to this server, ports 80 and 443 must be open, and Caddy"
                    + " must run: systemctl status caddy"));
    Answer page = get(trimmed(frontend) + "/", Map.of());
    findings.add(
        page.failure().isEmpty() && page.status() < 400
            ? Finding.ok("LIBERCLAW_FRONTEND_URL answers")
            : Finding.warn(
                "LIBERCLAW_FRONTEND_URL gives no page: " + page.reason(),
                "Sign-in mails lead there. Put a build of the web app at LIBERCLAW_WEB_DIR, or name"
                    + " where it is."));
    if (!origins.contains(trimmed(frontend))) {
      findings.add(
          Finding.warn(
              "LIBERCLAW_CORS_ORIGINS lacks the LIBERCLAW_FRONTEND_URL",
              "Browsers refuse the web app's requests until it is in the list."));
    }
    return findings;
  }

  /**
   * Compares this machine's clock with others'.
   *
   * @param asked tells the time in its answers; empty when there is nobody to ask
   * @param database the database's clock minus ours
   */
  public List<Finding> time(Optional<URI> asked, Optional<Duration> database)
      throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    database.ifPresent(skew -> findings.add(skew("the database", skew)));
    Instant before = clock.instant();
    Optional<Instant> theirs =
        asked.isEmpty()
            ? Optional.empty()
            : get(asked.get().toString(), Map.of()).date().flatMap(WebChecks::instant);
    if (theirs.isPresent()) {
      Duration taken = Duration.between(before, clock.instant());
      findings.add(
          skew(
              "the model provider",
              Duration.between(before.plus(taken.dividedBy(2)), theirs.get())));
    }
    return findings.isEmpty() ? List.of(Finding.skip("nobody told the time")) : findings;
  }

  static Finding skew(String whose, Duration skew) {
    // A date in an answer is cut to its second.
    String text = "%d s off the clock of %s".formatted(skew.abs().toSeconds(), whose);
    String advice = "Tokens and leases live by the clock: apt-get install systemd-timesyncd";
    if (skew.abs().compareTo(SKEW_FAIL) > 0) {
      return Finding.fail(text, advice);
    }
    return skew.abs().compareTo(SKEW_WARN) > 0 ? Finding.warn(text, advice) : Finding.ok(text);
  }

  private static Optional<Instant> instant(String httpDate) {
    try {
      return Optional.of(
          ZonedDateTime.parse(httpDate, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  /** A small answer from an address that the operator chose. */
  static Answer get(String url, Map<String, String> headers) throws InterruptedException {
    // This very address may lie in a private network, as it does on one machine.
    GuardedClient client =
        new GuardedClient(new AddressPolicy(List.of(URI.create(url).getAuthority())));
    GuardedClient.Limits limits =
        new GuardedClient.Limits(TIME_MAX, ANSWER_BYTES_MAX, REDIRECTS_MAX);
    try (GuardedResponse response = client.get(url, headers, limits)) {
      return new Answer(response.status(), response.header("Date"), Optional.empty());
    } catch (FetchException e) {
      return new Answer(0, Optional.empty(), Optional.of(e));
    }
  }

  static String trimmed(URI uri) {
    return uri.toString().replaceAll("/+$", "");
  }
}

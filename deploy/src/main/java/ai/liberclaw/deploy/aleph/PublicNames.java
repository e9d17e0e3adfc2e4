package ai.liberclaw.deploy.aleph;

import ai.liberclaw.deploy.aleph.AlephHttp.Answer;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** The names under which machines are found. A name belongs to a machine's hash for ever. */
public final class PublicNames {
  private static final Duration TIME_MAX = Duration.ofSeconds(10);
  private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

  private final AlephHttp http;
  private final URI gateway;
  private final String domain;

  /**
   * @param gateway knows the names
   * @param domain that they are below: {@code 2n6.me}
   */
  public PublicNames(AlephHttp http, URI gateway, String domain) {
    this.http = http;
    this.gateway = gateway;
    this.domain = domain;
  }

  /** A machine's name; empty when the gateway does not know it yet. */
  public Optional<String> name(String hash) throws AlephException, InterruptedException {
    Answer answer = http.get(gateway + "/api/hash/" + hash, TIME_MAX);
    return Optional.ofNullable(answer.json().path("subdomain").textValue())
        .filter(label -> answer.ok() && LABEL.matcher(label).matches())
        .map(label -> label + "." + domain);
  }
}

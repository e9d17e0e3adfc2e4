package ai.liberclaw.testkit.oauth;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * What Google and GitHub have in common: a page that sends the browser back with a code, and an
 * endpoint that gives a token for it. As they do, it checks who the client is, where it wants the
 * browser back, and that the code's verifier is the one it was asked with; what was wrong is in
 * {@link #problems}. It misbehaves when told to by {@link #fail}.
 */
public abstract sealed class OAuthServer implements AutoCloseable
    permits GoogleServer, GitHubServer {
  public static final String CLIENT_ID = "liberclaw-test";
  public static final String CLIENT_SECRET = "a secret/with+odd=characters";

  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");

  private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final Grants grants = new Grants();
  private final String redirectUri;
  private final String scope;
  private final OAuthListener listener;
  private volatile Optional<Person> person = Optional.empty();

  /**
   * @param redirectUri the one that is registered for the client
   */
  OAuthServer(String redirectUri, String scope) throws IOException {
    this.redirectUri = redirectUri;
    this.scope = scope;
    this.listener = new OAuthListener(this);
  }

  /** An answer with a body; a redirect has its target in it. */
  record Answer(int status, String contentType, String body) {
    static Answer json(int status, Object json) {
      return new Answer(status, "application/json; charset=utf-8", json.toString());
    }
  }

  /** Who signs in from now on; nobody says no. */
  public void person(Optional<Person> who) {
    person = who;
  }

  /** The next requests of this path go wrong, one after the other. */
  public void fail(String path, Fault... next) {
    faults.computeIfAbsent(path, _ -> new ConcurrentLinkedDeque<>()).addAll(List.of(next));
  }

  /** Nothing that was planned goes wrong any more. */
  public void clearFaults() {
    faults.clear();
  }

  /** The paths that were asked for. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** What clients did wrong. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  public String authorizeUrl() {
    return listener.origin() + "/authorize";
  }

  public String tokenUrl() {
    return listener.origin() + "/token";
  }

  /** Such as {@code http://127.0.0.1:4711}. */
  public String origin() {
    return listener.origin();
  }

  @Override
  public void close() {
    listener.close();
  }

  /** What is told of who holds a token; empty for an unknown path. */
  abstract Optional<Answer> resource(String path, Person holder);

  /** How a request for a token is refused. */
  abstract Answer tokenRefused(String error);

  /** More that comes with a token. */
  abstract void complete(ObjectNode token, Grants.Authorization authorization);

  Optional<Fault> fault(String path) {
    Deque<Fault> planned = faults.get(path);
    return planned == null ? Optional.empty() : Optional.ofNullable(planned.poll());
  }

  Answer answer(String method, String path, Map<String, String> fields, Headers headers) {
    calls.add(path);
    return switch (path) {
      case "/authorize" -> authorize(fields);
      case "/token" ->
          method.equals("POST") ? token(fields, headers) : problem("token asked by " + method);
      default -> profile(path, headers);
    };
  }

  /** The headers of a request that matter here. */
  record Headers(
      Optional<String> authorization, Optional<String> accept, Optional<String> userAgent) {}

  private Answer authorize(Map<String, String> fields) {
    if (!CLIENT_ID.equals(fields.get("client_id"))) {
      return problem("unknown client");
    }
    if (!redirectUri.equals(fields.get("redirect_uri"))) {
      return problem("redirect_uri is not registered");
    }
    String state = fields.getOrDefault("state", "");
    String challenge = fields.getOrDefault("code_challenge", "");
    if (state.length() < 22
        || !"code".equals(fields.get("response_type"))
        || !scope.equals(fields.get("scope"))
        || !"S256".equals(fields.get("code_challenge_method"))
        || !CHALLENGE.matcher(challenge).matches()) {
      return problem("authorization request without what is due");
    }
    String answer =
        person
            .map(who ->
                "code="
                    + grants.code(
                        new Grants.Authorization(
                            who, redirectUri, challenge, fields.getOrDefault("nonce", ""))))
            .orElse("error=access_denied");
    String target =
        redirectUri + "?" + answer + "&state=" + URLEncoder.encode(state, StandardCharsets.UTF_8);
    return new Answer(302, "text/html", target);
  }

  private Answer token(Map<String, String> fields, Headers headers) {
    if (!isClient(fields, headers)) {
      problems.add("client not authenticated");
      return tokenRefused("invalid_client");
    }
    if (!"authorization_code".equals(fields.get("grant_type"))) {
      problems.add("not a grant: " + fields.get("grant_type"));
      return tokenRefused("unsupported_grant_type");
    }
    Optional<Grants.Authorization> authorization =
        grants.redeem(
            fields.getOrDefault("code", ""),
            fields.getOrDefault("redirect_uri", ""),
            fields.getOrDefault("code_verifier", ""));
    if (authorization.isEmpty()) {
      return tokenRefused("invalid_grant");
    }
    ObjectNode token =
        Json.object()
            .put("access_token", grants.token(authorization.get().person()))
            .put("token_type", "bearer")
            .put("scope", scope);
    complete(token, authorization.get());
    boolean json = headers.accept().filter(accept -> accept.contains("json")).isPresent();
    return json || this instanceof GoogleServer
        ? Answer.json(200, token)
        : new Answer(
            200,
            "application/x-www-form-urlencoded",
            "access_token=" + token.get("access_token").textValue() + "&token_type=bearer");
  }

  private static boolean isClient(Map<String, String> fields, Headers headers) {
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((CLIENT_ID + ":" + CLIENT_SECRET).getBytes(StandardCharsets.UTF_8));
    return headers.authorization().filter(basic::equals).isPresent()
        || (CLIENT_ID.equals(fields.get("client_id"))
            && CLIENT_SECRET.equals(fields.get("client_secret")));
  }

  private Answer profile(String path, Headers headers) {
    if (headers.userAgent().isEmpty()) {
      problems.add("no User-Agent");
      return Answer.json(403, Json.object().put("message", "User-Agent required"));
    }
    return headers
        .authorization()
        .filter(value -> value.startsWith("Bearer "))
        .flatMap(value -> grants.holder(value.substring("Bearer ".length())))
        .map(holder ->
            resource(path, holder)
                .orElse(Answer.json(404, Json.object().put("message", "Not Found"))))
        .orElseGet(() -> Answer.json(401, Json.object().put("message", "Bad credentials")));
  }

  private Answer problem(String text) {
    problems.add(text);
    return new Answer(400, "text/html", "<html>" + text);
  }
}

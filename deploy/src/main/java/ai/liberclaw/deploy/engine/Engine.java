package ai.liberclaw.deploy.engine;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Method;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Docker or Podman on this machine. Every call blocks with a deadline and may be interrupted; what
 * is there already, or gone already, is success. Names are the caller's own: letters, digits,
 * {@code -_.:/}.
 */
public final class Engine {
  /** The oldest API whose calls are used here: Docker 20.10, Podman 4. */
  public static final String API_MIN = "1.41";

  /** The newest that these calls were written for; a newer engine is asked in this one. */
  private static final String API_MAX = "1.47";

  private static final Duration PING_MAX = Duration.ofSeconds(5);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration UPLOAD_MAX = Duration.ofMinutes(5);
  private static final int FILE_BYTES_MAX = 1024 * 1024 + 4096;
  private static final int LOG_LINES_MAX = 2000;
  private static final int NOT_FOUND = 404;
  private static final Pattern IMAGE_ID = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})");

  private final EngineHttp http;
  private volatile @Nullable String prefix;

  public Engine(Path socket) {
    this.http = new EngineHttp(socket);
  }

  /** Why it cannot be used, for the operator; empty when it can. */
  public Optional<String> problem() throws InterruptedException {
    try {
      http.call(Method.GET, "/_ping", PING_MAX, EngineHttp.nothing(), answer -> answer.bytes(1024));
      prefix();
      return Optional.empty();
    } catch (EngineException e) {
      return Optional.of(
          e.status() == EngineException.NO_ANSWER && e.getCause() != null
              ? "the container engine does not answer"
              : "the container engine answers: " + e.getMessage());
    }
  }

  /** An image by its name or id. */
  public Optional<EngineItem> image(String reference) throws InterruptedException {
    return found(() -> get("/images/" + reference + "/json"))
        .map(json ->
            new EngineItem(
                json.path("Id").asText(),
                EngineContainer.labels(json.path("Config").path("Labels")),
                EngineContainer.time(json.path("Created").asText())));
  }

  /** Images that carry this label. */
  public List<EngineItem> images(String label) throws InterruptedException {
    List<EngineItem> images = new ArrayList<>();
    for (JsonNode image : get("/images/json?filters=" + filter(List.of(label)))) {
      images.add(
          new EngineItem(
              image.path("Id").asText(),
              EngineContainer.labels(image.path("Labels")),
              Optional.of(java.time.Instant.ofEpochSecond(image.path("Created").asLong()))));
    }
    return images;
  }

  /** Makes an image from the tar of a root file system, and names it. */
  public void importImage(Path tar, String repository, String tag) throws InterruptedException {
    String answer =
        http.call(
            Method.POST,
            prefix() + "/images/create?fromSrc=-",
            UPLOAD_MAX,
            EngineHttp.tar(Tar.Source.of(tar)),
            reply -> new String(reply.bytes(EngineHttp.JSON_BYTES_MAX), StandardCharsets.UTF_8));
    Matcher id = IMAGE_ID.matcher(answer);
    if (!id.find()) {
      // Progress lines carry failures too, after a status of 200.
      throw new EngineException(500, "no image was made of the tar", null);
    }
    post(
        "/images/" + id.group() + "/tag?repo=" + encode(repository) + "&tag=" + encode(tag),
        EngineHttp.nothing(),
        ANSWER_MAX);
  }

  /** Makes an image of a container's file system. */
  public void commit(String container, String repository, String tag, Map<String, String> labels)
      throws InterruptedException {
    StringBuilder target = new StringBuilder("/commit?pause=false&container=").append(container);
    target.append("&repo=").append(encode(repository)).append("&tag=").append(encode(tag));
    labels.forEach(
        (name, value) -> target.append("&changes=").append(encode("LABEL " + name + "=" + value)));
    post(target.toString(), EngineHttp.json(Json.object()), UPLOAD_MAX);
  }

  /** Deletes an image, unless something still uses it. */
  public void removeImage(String reference) throws InterruptedException {
    try {
      remove("/images/" + reference);
    } catch (EngineException e) {
      if (!e.conflict()) {
        throw e;
      }
    }
  }

  public void createVolume(String name, Map<String, String> labels) throws InterruptedException {
    post("/volumes/create", EngineHttp.json(named(name, labels)), ANSWER_MAX);
  }

  public Optional<EngineItem> volume(String name) throws InterruptedException {
    return found(() -> get("/volumes/" + name)).map(Engine::item);
  }

  public List<EngineItem> volumes(List<String> labels) throws InterruptedException {
    // Podman 4.3 gives those that carry any of the labels: without this one agent's end is the end
    // of all others' data.
    return items(get("/volumes?filters=" + filter(labels)).path("Volumes")).stream()
        .filter(volume -> labels.stream().allMatch(volume::has))
        .toList();
  }

  public void removeVolume(String name) throws InterruptedException {
    remove("/volumes/" + name);
  }

  public void createNetwork(String name, Map<String, String> labels) throws InterruptedException {
    if (network(name).isEmpty()) {
      ObjectNode body = named(name, labels).put("Driver", "bridge").put("CheckDuplicate", true);
      post("/networks/create", EngineHttp.json(body), ANSWER_MAX);
    }
  }

  public Optional<EngineItem> network(String name) throws InterruptedException {
    return found(() -> get("/networks/" + name)).map(Engine::item);
  }

  public List<EngineItem> networks(List<String> labels) throws InterruptedException {
    return items(get("/networks?filters=" + filter(labels))).stream()
        .filter(network -> labels.stream().allMatch(network::has))
        .toList();
  }

  public void removeNetwork(String name) throws InterruptedException {
    remove("/networks/" + name);
  }

  /**
   * Makes a container.
   *
   * @param spec as the engine's API has it
   * @return false when there is one of this name already
   */
  public boolean create(String name, ObjectNode spec) throws InterruptedException {
    try {
      post("/containers/create?name=" + name, EngineHttp.json(spec), START_MAX);
      return true;
    } catch (EngineException e) {
      // Podman's own word for a taken name is a server error.
      if (e.conflict() || e.says("already in use")) {
        return false;
      }
      throw e;
    }
  }

  public Optional<EngineContainer> container(String name) throws InterruptedException {
    return found(() -> get("/containers/" + name + "/json")).map(EngineContainer::inspected);
  }

  /** All containers that carry these labels, running or not. */
  public List<EngineContainer> containers(List<String> labels) throws InterruptedException {
    List<EngineContainer> containers = new ArrayList<>();
    for (JsonNode container : get("/containers/json?all=1&filters=" + filter(labels))) {
      containers.add(EngineContainer.listed(container));
    }
    return containers;
  }

  public void start(String name) throws InterruptedException {
    post("/containers/" + name + "/start", EngineHttp.nothing(), START_MAX);
  }

  /**
   * Ends what runs in a container.
   *
   * @param grace between SIGTERM and SIGKILL
   */
  public void stop(String name, Duration grace) throws InterruptedException {
    found(() -> {
      post(
          "/containers/" + name + "/stop?t=" + grace.toSeconds(),
          EngineHttp.nothing(),
          grace.plus(ANSWER_MAX));
      return Json.object();
    });
  }

  /** Waits for a container to end; its exit code. */
  public int await(String name, Duration limit) throws InterruptedException {
    return post("/containers/" + name + "/wait", EngineHttp.nothing(), limit)
        .path("StatusCode")
        .asInt(-1);
  }

  /** Ends and deletes a container, with its unnamed volumes. */
  public void removeContainer(String name) throws InterruptedException {
    remove("/containers/" + name + "?v=1&force=1");
  }

  /** The last lines of what a container wrote, at most so many bytes. */
  public String logs(String name, int bytesMax) throws InterruptedException {
    return http.call(
        Method.GET,
        prefix() + "/containers/" + name + "/logs?stdout=1&stderr=1&tail=" + LOG_LINES_MAX,
        ANSWER_MAX,
        EngineHttp.nothing(),
        answer -> LogFrames.tail(answer.body(), bytesMax));
  }

  /** Unpacks a tar in a directory of a container, running or not. */
  public void put(String name, String directory, Tar.Source tar) throws InterruptedException {
    http.call(
        Method.PUT,
        prefix() + "/containers/" + name + "/archive?path=" + encode(directory),
        UPLOAD_MAX,
        EngineHttp.tar(tar),
        answer -> answer.bytes(EngineHttp.JSON_BYTES_MAX));
  }

  /** What is at a path of a container: text, if it is a plain file of at most a megabyte. */
  public ContainerFile file(String name, String path) throws InterruptedException {
    try {
      return http.call(
          Method.GET,
          prefix() + "/containers/" + name + "/archive?path=" + encode(path),
          ANSWER_MAX,
          EngineHttp.nothing(),
          answer ->
              new ContainerFile(true, Tar.onlyFile(answer.body().readNBytes(FILE_BYTES_MAX))));
    } catch (EngineException e) {
      if (e.status() == NOT_FOUND) {
        return new ContainerFile(false, Optional.empty());
      }
      throw e;
    }
  }

  private JsonNode get(String target) throws InterruptedException {
    return http.call(
        Method.GET, prefix() + target, ANSWER_MAX, EngineHttp.nothing(), EngineHttp.Answer::json);
  }

  /** The answer, an empty object where there is none, as for 304: it was so already. */
  private JsonNode post(String target, EngineHttp.Sender body, Duration limit)
      throws InterruptedException {
    return http.call(Method.POST, prefix() + target, limit, body, answer -> json(answer));
  }

  private static JsonNode json(EngineHttp.Answer answer) throws IOException {
    byte[] bytes = answer.bytes(EngineHttp.JSON_BYTES_MAX);
    return bytes.length == 0 ? Json.object() : Json.parse(bytes);
  }

  private void remove(String target) throws InterruptedException {
    found(() ->
        http.call(
            Method.DELETE,
            prefix() + target,
            START_MAX,
            EngineHttp.nothing(),
            answer -> {
              answer.bytes(EngineHttp.JSON_BYTES_MAX);
              return Json.object();
            }));
  }

  /** The version part of all paths, agreed on with the first call. */
  private String prefix() throws InterruptedException {
    String known = prefix;
    if (known != null) {
      return known;
    }
    JsonNode version =
        http.call(
            Method.GET, "/version", ANSWER_MAX, EngineHttp.nothing(), EngineHttp.Answer::json);
    String theirs = version.path("ApiVersion").asText();
    String oldest = version.path("MinAPIVersion").asText();
    String agreed = number(theirs) < number(API_MAX) ? theirs : API_MAX;
    if (number(agreed) < number(API_MIN) || number(agreed) < number(oldest)) {
      throw new EngineException(
          400,
          "it speaks API %s to %s, not %s to %s".formatted(oldest, theirs, API_MIN, API_MAX),
          null);
    }
    prefix = "/v" + agreed;
    return prefix;
  }

  private static int number(String version) {
    Matcher parts = VERSION.matcher(version);
    return parts.matches()
        ? Integer.parseInt(parts.group(1)) * 1000 + Integer.parseInt(parts.group(2))
        : 0;
  }

  private interface Call {
    JsonNode run() throws InterruptedException;
  }

  private static Optional<JsonNode> found(Call call) throws InterruptedException {
    try {
      return Optional.of(call.run());
    } catch (EngineException e) {
      if (e.status() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    } catch (JsonException e) {
      throw new EngineException(EngineException.NO_ANSWER, "an answer that is no JSON", e);
    }
  }

  private static List<EngineItem> items(JsonNode list) {
    List<EngineItem> items = new ArrayList<>();
    list.forEach(item -> items.add(item(item)));
    return items;
  }

  private static EngineItem item(JsonNode json) {
    String created = json.path("CreatedAt").asText(json.path("Created").asText());
    return new EngineItem(
        json.path("Name").asText(),
        EngineContainer.labels(json.path("Labels")),
        EngineContainer.time(created));
  }

  private static ObjectNode named(String name, Map<String, String> labels) {
    ObjectNode body = Json.object().put("Name", name);
    ObjectNode set = body.putObject("Labels");
    labels.forEach(set::put);
    return body;
  }

  private static String filter(List<String> labels) {
    ObjectNode filters = Json.object();
    ArrayNode list = filters.putArray("label");
    labels.forEach(list::add);
    return encode(Json.write(filters));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

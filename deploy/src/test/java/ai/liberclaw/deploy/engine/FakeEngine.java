package ai.liberclaw.deploy.engine;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A container engine as far as its API goes, on a Unix socket: keeps what it is told, and instead
 * of an agent runs a few lines that answer {@code /health} on the published port.
 */
public final class FakeEngine implements AutoCloseable {
  /** How a call goes wrong, once. */
  public sealed interface Fault {
    /** An answer of this status. */
    record Answer(int status, String message) implements Fault {}

    /** Nothing, for longer than anyone waits. */
    record Silence() implements Fault {}

    /** The connection ends. */
    record Cut() implements Fault {}

    /** Done, but answered with something else. */
    record Garbage() implements Fault {}
  }

  private static final String LOOPBACK = "127.0.0.1";

  /** What a container is, and what it was told. */
  private static final class Box {
    final String id = UUID.randomUUID().toString().replace("-", "");
    final JsonNode spec;
    final String created = Instant.now().toString();
    String started = "0001-01-01T00:00:00Z";
    boolean running;
    @Nullable HttpServer agent;

    Box(JsonNode spec) {
      this.spec = spec;
    }
  }

  public final Map<String, String> files = new ConcurrentSkipListMap<>();
  public final List<String> calls = new CopyOnWriteArrayList<>();

  /** What helpers of instances were made with, in order. */
  public final List<JsonNode> desks = new CopyOnWriteArrayList<>();

  public final AtomicInteger starts = new AtomicInteger();

  /** Agents do not answer from this many starts on. */
  public final AtomicInteger deafFrom = new AtomicInteger(Integer.MAX_VALUE);

  /** Version it says it speaks. */
  public volatile String apiVersion = "1.41";

  private final Map<String, Box> boxes = new ConcurrentHashMap<>();
  private final Map<String, JsonNode> volumes = new ConcurrentHashMap<>();
  private final Map<String, JsonNode> networks = new ConcurrentHashMap<>();
  private final Map<String, ObjectNode> images = new ConcurrentHashMap<>();
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final Path folder;
  private final WebServer server;

  public FakeEngine() {
    try {
      folder = Files.createTempDirectory("fake-engine");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server =
        WebServer.builder()
            .bindAddress(UnixDomainSocketAddress.of(socket()))
            .featuresDiscoverServices(false)
            .shutdownHook(false)
            .shutdownGracePeriod(java.time.Duration.ZERO)
            .routing(routing -> routing.any("/*", this::handle))
            .build()
            .start();
    image("debian:12", "{}");
  }

  public Path socket() {
    return folder.resolve("engine.sock");
  }

  /** The next call that begins so goes wrong: {@code POST /containers/create}. */
  public void fault(String call, Fault fault) {
    faults.put(call, fault);
  }

  /** Names of everything of an instance: containers, volumes, networks. */
  public List<String> left() {
    List<String> left = new java.util.ArrayList<>(boxes.keySet());
    left.addAll(volumes.keySet());
    left.addAll(networks.keySet());
    left.sort(null);
    return left;
  }

  /** The body a container was made with. */
  public JsonNode spec(String name) {
    return Objects.requireNonNull(boxes.get(name)).spec;
  }

  public boolean running(String name) {
    return Optional.ofNullable(boxes.get(name)).filter(b -> b.running).isPresent();
  }

  public String container(String end) {
    return boxes.keySet().stream().filter(n -> n.endsWith(end)).findFirst().orElseThrow();
  }

  /** As after a restart of the machine: nothing runs any more. */
  public void endAll() {
    boxes.values().forEach(this::end);
  }

  public void volume(String name, Map<String, String> labels) {
    ObjectNode body = Json.object().put("Name", name);
    labels.forEach(body.putObject("Labels")::put);
    volumes.put(name, dated(body));
  }

  @Override
  public void close() {
    endAll();
    server.stop();
    try {
      Files.deleteIfExists(socket());
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void handle(ServerRequest request, ServerResponse response) throws Exception {
    String path = request.path().path().replaceFirst("^/v1\\.\\d+", "");
    String call = request.prologue().method().text() + " " + path;
    calls.add(call);
    byte[] body =
        request.content().hasEntity()
            ? request.content().inputStream().readAllBytes()
            : new byte[0];
    Optional<String> faulty = faults.keySet().stream().filter(call::startsWith).findFirst();
    if (faulty.isPresent()) {
      switch (Objects.requireNonNull(faults.remove(faulty.get()))) {
        case Fault.Answer(int status, String message) -> {
          message(response, status, message);
          return;
        }
        case Fault.Silence _ -> Thread.sleep(java.time.Duration.ofMinutes(10));
        case Fault.Cut _ -> throw new io.helidon.webserver.CloseConnectionException("cut");
        case Fault.Garbage _ -> {
          response.status(Status.OK_200).send("<html>not an engine</html>");
          return;
        }
      }
    }
    String[] parts = path.substring(1).split("/", -1);
    synchronized (this) {
      switch (parts[0]) {
        case "_ping" -> response.send("OK");
        case "version" ->
            json(
                response,
                200,
                Json.object().put("ApiVersion", apiVersion).put("MinAPIVersion", "1.24"));
        case "images" -> images(request, response, parts, path);
        case "commit" -> commit(request, response);
        case "volumes" -> stored(request, response, parts, body, volumes, "Volumes");
        case "networks" -> stored(request, response, parts, body, networks, "");
        case "containers" -> containers(request, response, parts, body);
        default -> message(response, 404, "page not found");
      }
    }
  }

  private void images(ServerRequest request, ServerResponse response, String[] parts, String path) {
    if (path.endsWith("/json") && parts.length > 2) {
      String name = path.substring("/images/".length(), path.length() - "/json".length());
      found(response, images.get(name), "no such image");
    } else if (parts[1].equals("json")) {
      ArrayNode list = Json.object().putArray("images");
      images
          .values()
          .forEach(image ->
              list.addObject()
                  .put("Id", image.path("Id").asText())
                  .put("Created", 1)
                  .set("Labels", image.path("Config").path("Labels")));
      json(response, 200, list);
    } else if (parts[1].equals("create")) {
      String id = image("imported", "{}");
      json(response, 200, Json.object().put("status", id));
    } else if (path.contains("/tag")) {
      images.put(
          request.query().get("repo") + ":" + request.query().get("tag"),
          Objects.requireNonNull(images.get("imported")));
      message(response, 201, "");
    } else {
      message(response, 409, "in use");
    }
  }

  private void commit(ServerRequest request, ServerResponse response) {
    ObjectNode labels = Json.object();
    for (String change : request.query().all("changes")) {
      String[] label = change.replaceFirst("LABEL ", "").split("=", 2);
      labels.put(label[0], label[1]);
    }
    String name = request.query().get("repo") + ":" + request.query().get("tag");
    json(response, 201, Json.object().put("Id", image(name, Json.write(labels))));
  }

  private String image(String name, String labels) {
    String id = "sha256:" + (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    ObjectNode image = Json.object().put("Id", id).put("Created", Instant.now().toString());
    image.putObject("Config").set("Labels", Json.parse(labels));
    images.put(name, image);
    images.put(id, image);
    return id;
  }

  private void stored(
      ServerRequest request,
      ServerResponse response,
      String[] parts,
      byte[] body,
      Map<String, JsonNode> kept,
      String list) {
    if (parts.length == 2 && parts[1].equals("create")) {
      ObjectNode made = (ObjectNode) Json.parse(body);
      kept.putIfAbsent(made.path("Name").asText(), dated(made));
      json(response, 201, made);
    } else if (parts.length == 1) {
      ObjectNode all = Json.object();
      ArrayNode items = all.putArray("Volumes");
      kept.values().stream()
          .filter(item ->
              list.isEmpty()
                  ? labelled(request, item.path("Labels"))
                  : labelledAnyhow(request, item.path("Labels")))
          .forEach(items::add);
      json(response, 200, list.isEmpty() ? items : all);
    } else if (request.prologue().method().text().equals("DELETE")) {
      boolean used =
          boxes.values().stream()
              .anyMatch(b -> b.spec.path("HostConfig").toString().contains("\"" + parts[1] + "\""));
      boolean gone = !used && kept.remove(parts[1]) != null;
      message(response, used ? 409 : gone ? 204 : 404, used ? "in use" : "no such thing");
    } else {
      found(response, kept.get(parts[1]), "no such thing");
    }
  }

  private void containers(
      ServerRequest request, ServerResponse response, String[] parts, byte[] body)
      throws IOException {
    if (parts[1].equals("create")) {
      String name = request.query().get("name");
      if (boxes.containsKey(name)) {
        message(response, 409, "the name is in use");
        return;
      }
      boxes.put(name, new Box(Json.parse(body)));
      if (name.endsWith("-desk")) {
        desks.add(Json.parse(body));
      }
      json(response, 201, Json.object().put("Id", Objects.requireNonNull(boxes.get(name)).id));
      return;
    }
    if (parts[1].equals("json")) {
      ArrayNode list = Json.object().putArray("list");
      boxes.values().stream()
          .filter(b -> labelled(request, b.spec.path("Labels")))
          .forEach(b ->
              list.addObject()
                  .put("Id", b.id)
                  .put("State", b.running ? "running" : "exited")
                  .put("Created", Instant.parse(b.created).getEpochSecond())
                  .set("Labels", b.spec.path("Labels")));
      json(response, 200, list);
      return;
    }
    Box box = boxes.get(parts[1]);
    if (box == null) {
      message(response, 404, "no such container");
      return;
    }
    String what = parts.length > 2 ? parts[2] : "delete";
    switch (what) {
      case "json" -> json(response, 200, inspected(box));
      case "start" -> {
        boolean was = box.running;
        start(box, parts[1]);
        message(response, was ? 304 : 204, "");
      }
      case "stop" -> {
        boolean was = box.running;
        end(box);
        message(response, was ? 204 : 304, "");
      }
      case "wait" -> {
        end(box);
        json(response, 200, Json.object().put("StatusCode", 0));
      }
      case "logs" -> response.send(frames("rules\n", "liberclaw: network ready\n"));
      case "archive" -> archive(request, response, body);
      default -> {
        end(box);
        boxes.remove(parts[1]);
        message(response, 204, "");
      }
    }
  }

  private void archive(ServerRequest request, ServerResponse response, byte[] body)
      throws IOException {
    String path = request.query().get("path");
    if (body.length > 0) {
      InputStream bytes = new ByteArrayInputStream(body);
      boolean gzip = (body[0] & 0xff) == 0x1f;
      try (TarArchiveInputStream in =
          new TarArchiveInputStream(gzip ? new GZIPInputStream(bytes) : bytes)) {
        for (TarArchiveEntry entry; (entry = in.getNextEntry()) != null; ) {
          if (entry.isFile()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            files.put(
                path
                    + "/"
                    + entry.getName()
                    + " "
                    + entry.getLongUserId()
                    + " "
                    + Integer.toOctalString(entry.getMode() & 0777),
                text);
          }
        }
      }
      message(response, 200, "");
      return;
    }
    Optional<String> text =
        files.entrySet().stream()
            .filter(f -> f.getKey().startsWith(path + " "))
            .map(Map.Entry::getValue)
            .findFirst();
    if (text.isEmpty()) {
      message(response, 404, "no such file");
      return;
    }
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    new Tar().file("file", 0, 0644, text.get()).source().copyTo(tar);
    response.send(tar.toByteArray());
  }

  private void start(Box box, String name) throws IOException {
    if (box.running) {
      return;
    }
    box.running = true;
    box.started = Instant.now().toString();
    if (name.endsWith("-agent")) {
      JsonNode holder = spec(name.replaceFirst("-agent$", "-net"));
      int port =
          holder
              .path("HostConfig")
              .path("PortBindings")
              .path("8080/tcp")
              .path(0)
              .path("HostPort")
              .asInt();
      if (starts.incrementAndGet() < deafFrom.get()) {
        box.agent = agent(port);
      }
    }
  }

  private static HttpServer agent(int port) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port), 0);
    byte[] body =
        Json.writeBytes(
            Json.object()
                .put("status", "ok")
                .put("version", 2)
                .put("boot_id", UUID.randomUUID().toString()));
    http.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
    return http;
  }

  private void end(Box box) {
    box.running = false;
    if (box.agent != null) {
      box.agent.stop(0);
      box.agent = null;
    }
  }

  private static ObjectNode inspected(Box box) {
    ObjectNode json = Json.object().put("Id", box.id).put("Created", box.created);
    json.put("Image", box.spec.path("Image").asText()).put("RestartCount", 0);
    json.putObject("State").put("Running", box.running).put("StartedAt", box.started);
    json.putObject("Config").set("Labels", box.spec.path("Labels"));
    return json;
  }

  private static boolean labelled(ServerRequest request, JsonNode labels) {
    return wanted(request).stream().allMatch(label -> carries(labels, label));
  }

  /** As Podman 4.3 chooses volumes. */
  private static boolean labelledAnyhow(ServerRequest request, JsonNode labels) {
    return wanted(request).isEmpty()
        || wanted(request).stream().anyMatch(label -> carries(labels, label));
  }

  private static List<String> wanted(ServerRequest request) {
    JsonNode filters = Json.parse(request.query().first("filters").orElse("{}"));
    return filters.path("label").valueStream().map(JsonNode::asText).toList();
  }

  private static boolean carries(JsonNode labels, String wanted) {
    String[] label = wanted.split("=", 2);
    return labels.path(label[0]).asText().equals(label.length > 1 ? label[1] : "");
  }

  static byte[] frames(String... texts) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      for (String text : texts) {
        out.writeInt(1 << 24);
        out.writeInt(text.getBytes(StandardCharsets.UTF_8).length);
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode dated(ObjectNode body) {
    return body.put("CreatedAt", Instant.now().toString());
  }

  private static void found(ServerResponse response, @Nullable JsonNode json, String missing) {
    if (json == null) {
      message(response, 404, missing);
    } else {
      json(response, 200, json);
    }
  }

  private static void json(ServerResponse response, int status, JsonNode json) {
    response.status(status).send(Json.writeBytes(json));
  }

  private static void message(ServerResponse response, int status, String message) {
    if (message.isEmpty() || status == 204) {
      response.status(status).send();
    } else {
      json(response, status, Json.object().put("message", message));
    }
  }

  /** What was put where: path, owner and mode. */
  public Map<String, String> filesUnder(String path) {
    Map<String, String> under = new TreeMap<>();
    files.forEach((name, text) -> {
      if (name.startsWith(path)) {
        under.put(name, text);
      }
    });
    return under;
  }
}

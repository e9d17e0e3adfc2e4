package ai.liberclaw.api.files;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.agent.Agents;
import ai.liberclaw.deploy.client.AgentAddress;
import ai.liberclaw.deploy.client.AgentDownload;
import ai.liberclaw.deploy.client.AgentException;
import ai.liberclaw.deploy.client.AgentFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** {@code /files}: what is in an agent's workspace, both ways. */
public final class FileRoutes {
  private static final String BASE = "/api/v1/files/{agent_id}";
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final List<String> ASKED =
      List.of("Range", "If-Range", "If-None-Match", "If-Modified-Since");
  private static final List<String> TOLD =
      List.of("ETag", "Last-Modified", "Accept-Ranges", "Content-Range");

  private final Agents agents;
  private final AgentFiles files;
  private final Duration stallMax;

  /**
   * @param stallMax how long a client may neither send nor read
   */
  public FileRoutes(Agents agents, AgentFiles files, Duration stallMax) {
    this.agents = agents;
    this.files = files;
    this.stallMax = stallMax;
  }

  public void addTo(Router router) {
    router
        .get(BASE + "/tree", this::tree)
        .post(BASE + "/upload", this::upload)
        .get(BASE + "/{path...}", this::download);
  }

  private void tree(Exchange exchange) {
    AgentAddress agent = agent(exchange);
    JsonNode answer;
    try {
      answer = files.tree(agent);
    } catch (AgentException e) {
      throw FileErrors.of(e, "Agent error");
    }
    if (!answer.path("tree").isArray()) {
      throw new Refusal(502, "Agent error");
    }
    ObjectNode body = Json.object();
    body.set("tree", answer.get("tree"));
    if (answer.path("truncated").asBoolean()) {
      body.put("truncated", true);
    }
    exchange.send(body);
  }

  private void upload(Exchange exchange) throws Exception {
    AgentAddress agent = agent(exchange);
    JsonNode saved;
    try (StallWatch watch = new StallWatch(stallMax)) {
      saved = files.upload(agent, UploadForm.read(exchange, watch));
    } catch (AgentException e) {
      throw FileErrors.of(e, "Upload failed");
    }
    exchange.send(
        Json.object()
            .put("path", saved.path("path").asText())
            .put("size", saved.path("size").asLong())
            .put("name", saved.path("name").asText()));
  }

  private void download(Exchange exchange) throws Exception {
    FilePath path = FilePath.of(exchange.rawPathParameter("path"));
    AgentAddress agent = agent(exchange);
    boolean headOnly = exchange.method().equals("HEAD");
    Map<String, String> headers = new HashMap<>();
    for (String name : ASKED) {
      exchange.requestHeader(name).ifPresent(value -> headers.put(name, value));
    }
    try (AgentDownload file = files.download(agent, headOnly, path.segments(), headers)) {
      relay(exchange, file, path.name(), headOnly);
    } catch (AgentException e) {
      if (exchange.streaming()) {
        throw new IOException("the agent's file has no end", e);
      }
      throw e.status() == 403 || e.status() == 404
          ? FileErrors.notFound()
          : FileErrors.of(e, "Agent error");
    }
  }

  private void relay(Exchange exchange, AgentDownload file, String name, boolean headOnly)
      throws AgentException, IOException {
    for (String header : TOLD) {
      file.header(header).ifPresent(value -> exchange.header(header, value));
    }
    if (file.status() == RANGE_NOT_SATISFIABLE) {
      throw new Refusal(RANGE_NOT_SATISFIABLE, "Range not satisfiable");
    }
    exchange
        .header("Content-Type", FileHeaders.type(name))
        .header("Content-Disposition", FileHeaders.disposition(name))
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "sandbox")
        .header("Cache-Control", "private");
    exchange.response().status(Status.create(file.status()));
    boolean hasBody = file.status() == 200 || file.status() == 206;
    if (hasBody) {
      file.length().ifPresent(n -> exchange.header("Content-Length", Long.toString(n)));
    }
    if (headOnly || !hasBody || file.length().orElse(-1) == 0) {
      exchange.response().send();
      return;
    }
    try (StallWatch watch = new StallWatch(stallMax)) {
      OutputStream out = exchange.stream(FileHeaders.type(name));
      file.copyTo(out, watch::passed);
      // Closed at its proper end alone: what is cut off must not look whole.
      out.close();
    }
  }

  /**
   * @throws Refusal 404 when the caller has no such agent, 400 when it has no address
   */
  private AgentAddress agent(Exchange exchange) {
    UUID owner = Caller.of(exchange).userId();
    return agents
        .endpoint(owner, exchange.uuid("agent_id"))
        .orElseThrow(() -> new Refusal(404, "Agent not found"))
        .address()
        .orElseThrow(() -> new Refusal(400, "Agent has no VM"));
  }
}

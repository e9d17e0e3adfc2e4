package ai.liberclaw.deploy.client;

import ai.liberclaw.core.secret.Secrets;
import ai.liberclaw.deploy.client.AgentException.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.HttpClientResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Calls about the files of agents' workspaces. Files pass through in pieces: nothing of them is
 * kept, and whoever is slower sets the pace.
 */
public final class AgentFiles {
  private static final int NOT_MODIFIED = 304;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Set<Integer> DOWNLOADED = Set.of(200, 206, NOT_MODIFIED);
  private static final int BOUNDARY_RANDOM_BYTES = 24;

  private final AgentClient client;

  /**
   * @param client makes the requests, and stays its owner's
   */
  public AgentFiles(AgentClient client) {
    this.client = client;
  }

  /** {@code {"tree":[…]}}: what is in the workspace, some folders deep. */
  public JsonNode tree(AgentAddress agent) throws AgentException {
    HttpClientRequest request =
        client.request(Method.GET, agent, "/workspace/tree", client.timeouts().files());
    return AgentClient.object(AgentClient.successful(answer(request)));
  }

  /**
   * Opens a file, or the part of it that {@code Range} names.
   *
   * @param headOnly no bytes are wanted
   * @param segments the file's path, decoded; none is empty or leads upwards
   * @param headers of the request, such as {@code Range} and {@code If-None-Match}
   * @return an answer of status 200, 206, 304 or 416
   */
  public AgentDownload download(
      AgentAddress agent, boolean headOnly, List<String> segments, Map<String, String> headers)
      throws AgentException {
    HttpClientResponse response =
        open(headOnly ? Method.HEAD : Method.GET, agent, segments, headers);
    if (headOnly && response.status().code() == METHOD_NOT_ALLOWED) {
      // Agents of the original know GET alone; closing the answer stops what it would send.
      response.close();
      response = open(Method.GET, agent, segments, headers);
    }
    int status = response.status().code();
    if (status == RANGE_NOT_SATISFIABLE || DOWNLOADED.contains(status)) {
      return new AgentDownload(response);
    }
    HttpClientResponse _ = AgentClient.successful(response);
    response.close();
    throw new AgentException(Kind.STATUS, status, "the agent answered HTTP " + status);
  }

  /** Writes the parts of an upload. */
  @FunctionalInterface
  public interface Form {
    /**
     * @throws AgentException from the writer, when the agent takes no more
     * @throws Exception when the form will have no end; the agent then keeps nothing of it
     */
    void writeTo(FormWriter writer) throws Exception;
  }

  /**
   * Sends a form with a file as it is written.
   *
   * @return {@code {"path","size","name"}}
   * @throws AgentException when the agent did not take it
   * @throws Exception what the form threw
   */
  public JsonNode upload(AgentAddress agent, Form form) throws Exception {
    String boundary = Secrets.token(BOUNDARY_RANDOM_BYTES);
    HttpClientRequest request =
        client.request(Method.POST, agent, "/files/upload", client.timeouts().files());
    request.header(HeaderNames.CONTENT_TYPE, "multipart/form-data; boundary=" + boundary);
    AtomicReference<Exception> given = new AtomicReference<>();
    HttpClientResponse response;
    try {
      response =
          request.outputStream(out -> {
            try {
              FormWriter writer = new FormWriter(out, boundary);
              form.writeTo(writer);
              writer.end();
            } catch (Exception e) {
              given.set(e);
            }
            endRequest(out, given.get());
          });
    } catch (RuntimeException e) {
      throw given.get() != null ? given.get() : AgentClient.failure(e);
    }
    if (given.get() != null) {
      response.close();
      throw given.get();
    }
    return AgentClient.object(AgentClient.successful(response));
  }

  /**
   * Ends the request properly in any case, because the client closes no connection whose request
   * failed. Without its last boundary a form is no form, so the agent drops what was given up.
   */
  private static void endRequest(OutputStream out, @org.jspecify.annotations.Nullable Exception why)
      throws IOException {
    if (why instanceof AgentException) {
      // There is nothing left to end.
      throw new UncheckedIOException(new IOException("the agent takes no more"));
    }
    out.close();
  }

  private HttpClientResponse open(
      Method method, AgentAddress agent, List<String> segments, Map<String, String> headers)
      throws AgentException {
    String path =
        segments.stream().map(AgentClient::encode).collect(Collectors.joining("/", "/files/", ""));
    HttpClientRequest request = client.request(method, agent, path, client.timeouts().download());
    headers.forEach((name, value) -> request.header(HeaderNames.create(name), value));
    return answer(request);
  }

  private static HttpClientResponse answer(HttpClientRequest request) throws AgentException {
    try {
      return request.request();
    } catch (RuntimeException e) {
      throw AgentClient.failure(e);
    }
  }
}

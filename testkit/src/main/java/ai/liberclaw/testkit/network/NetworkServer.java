package ai.liberclaw.testkit.network;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two sources in one: {@code GET /crns.json} is the public list of nodes, {@code POST /batch} says
 * where addresses are, in the words of ip-api.com.
 */
public final class NetworkServer implements AutoCloseable {
  private static final int BATCH_MAX = 100;

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile String list = "{\"crns\":[]}";
  private final AtomicInteger listed = new AtomicInteger();
  private final Map<String, String> cities = new ConcurrentHashMap<>();
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final Queue<Fault> batchFaults = new ConcurrentLinkedQueue<>();

  /** What goes wrong with one request. */
  public sealed interface Fault {
    /** This status and no more. */
    record Status(int status) implements Fault {}

    /** Half of the answer. */
    record Cut() implements Fault {}

    /** Something that is no JSON. */
    record Malformed() implements Fault {}

    /** To another address. */
    record Redirect(String location) implements Fault {}
  }

  public NetworkServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext(
        "/crns.json",
        exchange -> {
          try (exchange) {
            listed.incrementAndGet();
            write(exchange, list, faults);
          }
        });
    http.createContext(
        "/batch",
        exchange -> {
          try (exchange) {
            write(exchange, locate(exchange), batchFaults);
          }
        });
    http.start();
  }

  public String listUrl() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/crns.json";
  }

  public String batchUrl() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/batch";
  }

  /** The list from now on, as it goes on the wire. */
  public NetworkServer list(String json) {
    list = json;
    return this;
  }

  /** The city of an address; others are not found. */
  public NetworkServer city(String address, String city) {
    cities.put(address, city);
    return this;
  }

  /** Goes wrong with the next request for the list. */
  public NetworkServer fault(Fault fault) {
    faults.add(fault);
    return this;
  }

  /** Goes wrong with the next question for places. */
  public NetworkServer batchFault(Fault fault) {
    batchFaults.add(fault);
    return this;
  }

  /** How often the list was asked for. */
  public int listed() {
    return listed.get();
  }

  /** The addresses of each question for places. */
  public List<List<String>> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private String locate(HttpExchange exchange) throws IOException {
    JsonNode questions = Json.parse(exchange.getRequestBody().readAllBytes());
    List<String> addresses = new ArrayList<>();
    ArrayNode answers = Json.array();
    for (JsonNode question : questions) {
      String address = question.path("query").asText();
      addresses.add(address);
      ObjectNode answer = answers.addObject().put("query", address);
      String city = cities.get(address);
      if (city == null) {
        answer.put("status", "fail");
      } else {
        answer
            .put("status", "success")
            .put("country", "Nowhere")
            .put("city", city)
            .put("lat", 12.5)
            .put("lon", -7.25);
      }
    }
    asked.add(addresses);
    return addresses.size() > BATCH_MAX ? "" : Json.write(answers);
  }

  private static void write(HttpExchange exchange, String text, Queue<Fault> faults)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    switch (faults.poll()) {
      case null -> send(exchange, body.length == 0 ? 422 : 200, body, body.length);
      case Fault.Status(int status) -> send(exchange, status, new byte[0], 0);
      case Fault.Cut() -> send(exchange, 200, body, body.length + 100);
      case Fault.Malformed() -> {
        byte[] html = "<html>oops".getBytes(StandardCharsets.UTF_8);
        send(exchange, 200, html, html.length);
      }
      case Fault.Redirect(String location) -> {
        exchange.getResponseHeaders().set("Location", location);
        send(exchange, 302, new byte[0], 0);
      }
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body, int announced)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, announced == 0 ? -1 : announced);
    OutputStream out = exchange.getResponseBody();
    out.write(body);
    out.flush();
  }
}

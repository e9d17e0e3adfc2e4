package ai.liberclaw.agent.tool.code;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.secret.Secrets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The socket of one run of a script. A connection begins with a line that holds the token of the
 * run; then each line is a call, {@code {"method":"call_tool","params":{"name","arguments"},"id"}},
 * answered by a line {@code {"result"|"error","id"}}. Calls are made one at a time.
 */
final class CallServer implements AutoCloseable {
  /** Bytes of one line. */
  static final int LINE_BYTES_MAX = 16 << 20;

  /** Bytes of the line with the token, for whoever has none. */
  private static final int TOKEN_BYTES_MAX = 256;

  /** Connections at a time. */
  private static final int CONNECTIONS_MAX = 16;

  private static final Logger LOG = System.getLogger(CallServer.class.getName());

  private final ServerSocketChannel server;
  private final String token;
  private final CallHandler handler;
  private final ReentrantLock calling = new ReentrantLock();
  private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /**
   * @param socket a path that is free; not the path's but the token's secrecy keeps others out
   */
  CallServer(Path socket, String token, CallHandler handler) throws IOException {
    this.token = token;
    this.handler = handler;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** Takes connections from now on. */
  void start() {
    threads.add(Thread.ofVirtual().name("tool-calls").start(this::accept));
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        if (!room.tryAcquire()) {
          connection.close();
          continue;
        }
        connections.add(connection);
        threads.add(Thread.ofVirtual().name("tool-call").start(() -> serve(connection)));
      }
    } catch (IOException _) {
      // Closed: the script has ended.
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(Channels.newInputStream(connection), 64 * 1024);
      OutputStream out = Channels.newOutputStream(connection);
      if (!Secrets.constantTimeEquals(line(in, TOKEN_BYTES_MAX), token)) {
        return;
      }
      for (boolean more = true; more; ) {
        more = serve(in, out);
      }
    } catch (IOException | InterruptedException e) {
      LOG.log(Level.DEBUG, "code.connection_ended reason={0}", e.toString());
    } finally {
      connections.remove(connection);
      threads.remove(Thread.currentThread());
      room.release();
    }
  }

  /**
   * One call; false when there is no further one. A large request is held once, not for each
   * connection: another one's is read when this is answered.
   */
  private boolean serve(InputStream in, OutputStream out) throws IOException, InterruptedException {
    in.mark(1);
    if (in.read() < 0) {
      return false;
    }
    in.reset();
    calling.lockInterruptibly();
    try {
      String line = line(in, LINE_BYTES_MAX);
      if (line.isEmpty()) {
        return false;
      }
      out.write((Json.writeAscii(answer(line)) + "\n").getBytes(StandardCharsets.US_ASCII));
      return true;
    } finally {
      calling.unlock();
    }
  }

  /** Without its end; empty at the end of the stream. */
  private static String line(InputStream in, int bytesMax) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next;
    while ((next = in.read()) >= 0 && next != '\n') {
      if (line.size() >= bytesMax) {
        throw new IOException("a line of more than " + bytesMax + " bytes");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private ObjectNode answer(String line) throws InterruptedException {
    ObjectNode answer = Json.object();
    try {
      JsonNode request = Json.parse(line);
      answer.set("id", request.path("id"));
      if (!request.path("method").asText().equals("call_tool")
          || !(request.path("params").path("arguments") instanceof ObjectNode arguments)) {
        return answer.put("error", "the request is not a call of a tool");
      }
      CallHandler.Reply reply =
          handler.call(request.path("params").path("name").asText(), arguments);
      return answer.put(reply.failed() ? "error" : "result", reply.text());
    } catch (JsonException e) {
      return answer.put("error", "the request is not JSON: " + e.getMessage());
    }
  }

  /** Ends the calls that run, and waits for their end. */
  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "code.socket_not_closed reason={0}", e.toString());
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      thread.interrupt();
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

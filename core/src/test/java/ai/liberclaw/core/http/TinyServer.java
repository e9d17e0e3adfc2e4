package ai.liberclaw.core.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;

/** Answers with the exact bytes a test wants, on a free loopback port. */
final class TinyServer implements AutoCloseable {
  /** Writes one answer; the connection is closed when it returns. */
  interface Answer {
    void write(List<String> request, Socket socket, OutputStream out) throws Exception;
  }

  final BlockingQueue<List<String>> requests = new LinkedBlockingQueue<>();
  final BlockingQueue<String> closedByClient = new LinkedBlockingQueue<>();
  private final ServerSocket socket;

  TinyServer(Answer answer) throws IOException {
    this(ServerSocketFactory.getDefault(), answer);
  }

  TinyServer(ServerSocketFactory factory, Answer answer) throws IOException {
    this.socket = factory.createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().name("tiny-server").start(() -> accept(answer));
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The head of the next request, line by line. */
  List<String> request() throws InterruptedException {
    List<String> request = requests.poll(5, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request within 5 s");
    }
    return request;
  }

  static void text(OutputStream out, String bytes) throws IOException {
    out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private void accept(Answer answer) {
    while (true) {
      Socket client;
      try {
        client = socket.accept();
      } catch (IOException e) {
        return; // closed
      }
      Thread.ofVirtual().name("tiny-server-client").start(() -> serve(client, answer));
    }
  }

  private void serve(Socket client, Answer answer) {
    try (client) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      List<String> head = new ArrayList<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        head.add(line);
      }
      requests.add(head);
      answer.write(head, client, client.getOutputStream());
    } catch (Exception e) {
      closedByClient.add(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package ai.liberclaw.db.postgres;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A process of its own that opens a folder's database, says so in one line, and holds it until its
 * input ends.
 */
final class ServerHolder {
  private ServerHolder() {}

  public static void main(String[] args) throws IOException {
    try (EmbeddedServer server = EmbeddedServer.start(Path.of(args[0]))) {
      System.out.println(server.pid() + " " + server.createDatabase("kept"));
      System.in.read();
    }
  }
}

package ai.liberclaw.testkit.aleph;

import java.io.IOException;
import java.net.Socket;

/** Ends connections as a lost path does. */
final class Resets {
  private Resets() {}

  /** The other side sees a reset; nothing happens to one that is closed already. */
  static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // Closed meanwhile: there is nothing left to reset.
    }
  }
}

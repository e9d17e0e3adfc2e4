package ai.liberclaw.testkit.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@OnHosts
class EngineTest {
  @Test
  void itAnswersOnItsSocketDiesComesBackAndIsSwept() throws Exception {
    Path socket;
    String label = "liberclaw.engine-test=" + UUID.randomUUID();
    try (Engine engine = Engine.start()) {
      socket = engine.socket();
      assertTrue(ping(socket).startsWith("HTTP/1.1 200"));
      engine.kill();
      assertThrows(IOException.class, () -> ping(socket));
      engine.startAgain();
      assertTrue(ping(socket).startsWith("HTTP/1.1 200"));

      engine.podman("create", "--label", label, engine.debianImage(), "true");
      engine.podman("volume", "create", "--label", label);
      engine.podman("network", "create", "--label", label, "test-" + UUID.randomUUID());
      engine.sweep(label);
      for (String[] kind : new String[][] {{"ps", "-a"}, {"volume", "ls"}, {"network", "ls"}}) {
        assertEquals("", engine.podman(kind[0], kind[1], "-q", "--filter", "label=" + label));
      }
    }
    assertTrue(Files.notExists(socket.getParent()));
  }

  @Test
  void whatAKilledRunLeftIsRemovedAndWhatLivingOnesHaveIsNot() {
    // No process has this number: they end at four million.
    String dead = "liberclaw.testkit=99999999-1";
    try (Engine engine = Engine.start()) {
      String left = engine.podman("create", "--label", dead, engine.debianImage(), "true");
      try (DebianHost first = DebianHost.start();
          DebianHost second = DebianHost.plan().withoutSystemd().start()) {
        assertTrue(first.isOn());
        assertTrue(second.isOn());
        assertFalse(engine.tryPodman("container", "exists", left).succeeded());
      }
    }
  }

  private static String ping(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              "GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(256);
      channel.read(answer);
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }
}

package ai.liberclaw.testkit.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.host.DebianHost;
import ai.liberclaw.testkit.host.OnHosts;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnHosts
class MachineTest {
  @Test
  void aMachineIsARealHostThatTheOwnersKeyOpens() throws Exception {
    Signer ada = new Signer(7);
    String key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB x";
    try (AlephNetwork network = AlephNetwork.start(Machines.debian(), 1);
        Client client = new Client(Duration.ofMinutes(2))) {
      network.grant(ada.address, 1_000_000);
      ComputeNode node = network.nodes().getFirst();
      ObjectNode message = ada.instance(node.hash(), key);
      client.publish(network.ccn().origin(), message);
      String hash = message.path("item_hash").asText();
      assertEquals(200, client.notified(node, message).status());
      Vm vm = node.vm(hash).orElseThrow();
      DebianHost host = vm.machine().host().orElseThrow();
      assertTrue(host.read("/root/.ssh/authorized_keys").contains(key));
      assertEquals("SSH-2.0", banner(vm));
      String path = "/control/machine/" + hash + "/reboot";
      assertEquals(
          200,
          client
              .post(
                  node.origin() + path,
                  Json.object(),
                  ada.proof(path, node.origin().substring("http://".length()), network.now()))
              .status());
      assertEquals("SSH-2.0", banner(vm));
      vm.misdirect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
      assertEquals("", banner(vm));
      assertEquals(List.of(), network.violations());
    }
  }

  private static String banner(Vm vm) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), vm.forward(22).port())) {
      return new String(socket.getInputStream().readNBytes(7), StandardCharsets.US_ASCII);
    }
  }
}

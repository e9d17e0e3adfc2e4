package ai.liberclaw.core.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPolicyTest {
  private final AddressPolicy policy =
      new AddressPolicy(List.of("Printer.lan", "10.0.0.1:8080", "[fd00::1]:443", "fd00::2"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255"
      })
  void w8Ipv4NetworksThatAreNotPublicAreBlocked(String address) {
    assertTrue(policy.blocked(InetAddress.ofLiteral(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "febf::1",
        "fc00::1",
        "fdff::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2001:2::1",
        "2001:10::1",
        "3fff::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2002:a9fe:a9fe::",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "5f00::1",
        "4000::1"
      })
  void w8Ipv6NetworksThatAreNotPublicAreBlocked(String address) {
    assertTrue(policy.blocked(InetAddress.ofLiteral(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2002:808:808::1",
        "64:ff9b::8.8.8.8",
        "2a00:1450::1",
        "::ffff:8.8.8.8"
      })
  void publicAddressesAreNotBlocked(String address) {
    assertFalse(policy.blocked(InetAddress.ofLiteral(address)));
  }

  @Test
  void everyAddressOfThisHostIsBlocked() throws Exception {
    List<InetAddress> own =
        NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
    assertFalse(own.isEmpty());
    assertEquals(own, own.stream().filter(policy::blocked).toList());
  }

  @Test
  void exemptionsNameAHostOrAHostAndItsPort() {
    assertTrue(policy.exempt("printer.lan", 80));
    assertTrue(policy.exempt("printer.lan", 631));
    assertFalse(policy.exempt("other.printer.lan", 80));
    assertTrue(policy.exempt("10.0.0.1", 8080));
    assertFalse(policy.exempt("10.0.0.1", 80));
    assertTrue(policy.exempt("fd00::1", 443));
    assertFalse(policy.exempt("fd00::1", 80));
    assertTrue(policy.exempt("fd00::2", 80));
  }
}

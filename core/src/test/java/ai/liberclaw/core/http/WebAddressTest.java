package ai.liberclaw.core.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.http.FetchException.Reason;
import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {
  @ParameterizedTest
  @CsvSource({
    "http://2130706433/, 127.0.0.1",
    "http://0x7f000001/, 127.0.0.1",
    "http://0x7F.1/, 127.0.0.1",
    "http://0177.0.0.1/, 127.0.0.1",
    "http://127.1/, 127.0.0.1",
    "http://127.0.0.1./, 127.0.0.1",
    "http://0/, 0.0.0.0",
    "http://0x/, 0.0.0.0",
    "http://010.8.8.8/, 8.8.8.8",
    "http://0xa9.0376.43518/, 169.254.169.254",
    "http://１２７.0.0.1/, 127.0.0.1",
    "http://127。0。0。1/, 127.0.0.1",
    "http://[::1]/, 0:0:0:0:0:0:0:1",
    "http://[::ffff:127.0.0.1]/, 127.0.0.1",
    "http://[::ffff:7f00:1]/, 127.0.0.1",
  })
  void w8EveryFormOfAnAddressIsRecognised(String url, String address) throws Exception {
    WebAddress parsed = WebAddress.parse(url);
    assertEquals(Optional.of(InetAddress.ofLiteral(address)), parsed.literal());
    assertEquals(address, parsed.host());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "//host/",
        "file:///etc/passwd",
        "ftp://host/",
        "http:///path",
        "http:host",
        "http://user@host/",
        "http://user:pass@host/",
        "http://a@b@host/",
        "http://host:0/",
        "http://host:65536/",
        "http://host:x/",
        "http://ho st/",
        "http://%31%32%37.0.0.1/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://08.1.1.1/",
        "http://host..name/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://[v1.x]/",
        "http://a\\@b/",
        "http://host:-1/",
        "http://0x1ffffffff/",
        "http://host\u0000.example/"
      })
  void whatIsNoWebAddressIsRefused(String url) {
    FetchException e = assertThrows(FetchException.class, () -> WebAddress.parse(url));
    assertEquals(Reason.BAD_URL, e.reason());
  }

  @Test
  void anAddressWithAZoneIsBlocked() {
    for (String url : new String[] {"http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"}) {
      FetchException e = assertThrows(FetchException.class, () -> WebAddress.parse(url));
      assertTrue(e.reason() == Reason.BLOCKED || e.reason() == Reason.BAD_URL);
    }
  }

  @Test
  void theTargetGoesOutAsItWasWritten() throws Exception {
    WebAddress address = WebAddress.parse("HTTP://Example.ORG:80/a%2Fb/c+d?q=a%20b+c&x=[1]#top");
    assertEquals("http", address.scheme());
    assertEquals("example.org", address.authority());
    assertEquals("/a%2Fb/c+d?q=a%20b+c&x=%5B1%5D", address.target());
    assertEquals("/%C3%A9%20x%25?%E2%82%AC", WebAddress.parse("http://h/é x%?€").target());
    assertEquals("/", WebAddress.parse("http://h?").target().replace("?", ""));
  }

  @Test
  void namesInOtherScriptsBecomeAscii() throws Exception {
    assertEquals("xn--bcher-kva.example", WebAddress.parse("http://Bücher.example/").host());
  }

  @Test
  void redirectsAreRelativeToThePage() throws Exception {
    WebAddress page = WebAddress.parse("https://example.org:8443/a/b?c");
    assertEquals("https://example.org:8443/a/d", page.redirect("d").toUri().toString());
    assertEquals("https://example.org:8443/d?e", page.redirect("/d?e").toUri().toString());
    assertEquals("https://other.example/x", page.redirect("//other.example/x").toUri().toString());
    assertTrue(!page.sameOrigin(page.redirect("http://example.org:8443/")));
    assertThrows(FetchException.class, () -> page.redirect("file:///etc/passwd"));
  }
}

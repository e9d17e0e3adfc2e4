package ai.liberclaw.core.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.core.http.FetchException.Reason;
import ai.liberclaw.core.http.GuardedClient.Limits;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedClientTlsTest {
  private static final char[] PASSWORD = "only-in-this-test".toCharArray();
  private static final Limits LIMITS = new Limits(Duration.ofSeconds(10), 1000, 5);

  @TempDir static Path folder;
  private static SSLContext context;
  private static TinyServer server;
  private static final BlockingQueue<String> SERVER_NAMES = new LinkedBlockingQueue<>();

  @BeforeAll
  static void serveACertificateForGoodTest() throws Exception {
    Path store = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "k",
                "-dname",
                "CN=ignored",
                "-ext",
                "san=dns:good.test",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("k", keys.getCertificate("k"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    server =
        new TinyServer(
            context.getServerSocketFactory(),
            (request, socket, out) -> {
              ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getSession();
              SERVER_NAMES.add(session.getRequestedServerNames().toString());
              TinyServer.text(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            });
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void theCertificateIsCheckedAgainstTheNameInTheUrl() throws Exception {
    GuardedClient client = client(context.getSocketFactory());
    String url = "https://good.test:" + server.port() + "/";
    try (GuardedResponse response = client.get(url, Map.of(), LIMITS)) {
      assertEquals("hello", new String(response.bytes(), UTF_8));
    }
    String name = SERVER_NAMES.poll(5, TimeUnit.SECONDS);
    assertEquals("[type=host_name (0), value=good.test]", name);
    FetchException e = failure(client, "https://bad.test:" + server.port() + "/");
    assertEquals(Reason.TLS, e.reason());
  }

  @Test
  void aCertificateNobodyKnowsIsRefused() {
    GuardedClient client =
        new GuardedClient(
            new AddressPolicy(List.of("good.test")),
            host -> List.of(InetAddress.ofLiteral("127.0.0.1")));
    FetchException e = failure(client, "https://good.test:" + server.port() + "/");
    assertEquals(Reason.TLS, e.reason());
  }

  private static GuardedClient client(SSLSocketFactory tls) {
    return new GuardedClient(
        new AddressPolicy(List.of("good.test", "bad.test")),
        host -> List.of(InetAddress.ofLiteral("127.0.0.1")),
        tls);
  }

  private static FetchException failure(GuardedClient client, String url) {
    return assertThrows(FetchException.class, () -> client.get(url, Map.of(), LIMITS).close());
  }
}

package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Release;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A release whose agent is a Perl script, which every Debian can run: small, and quick to start.
 */
public final class PerlRelease {
  /**
   * Answers {@code /health} and, slowly, {@code /chat}; and appends a line to its database at each
   * start.
   */
  private static final String AGENT =
      """
      #!/usr/bin/perl
      # VERSION
      use strict; use warnings; use IO::Socket::INET;
      open(my $c, '<', $ENV{AGENT_CONFIG_FILE}) or die "no configuration: $!"; local $/; my $json = <$c>; close $c;
      sub v { my ($n) = @_; return $json =~ /"$n":"([^"]*)"/ ? $1 : ''; }
      die "broken release\\n" if 'VERSION' =~ /broken/;
      my $boot = join '', map { sprintf '%02x', rand 256 } 1..16;
      my $s = IO::Socket::INET->new(LocalAddr => v('HOST'), LocalPort => v('PORT'), Listen => 16, ReuseAddr => 1) or die "no port: $!";
      open(my $db, '>>', v('DB_PATH')) or die "no database: $!"; print $db "started by VERSION\\n"; close $db;
      print STDERR "listening as VERSION\\n";
      while (my $k = $s->accept) {
        local $/ = "\\r\\n"; my $first = <$k>; while (defined(my $l = <$k>)) { last if $l eq "\\r\\n"; }
        my $body = '{"status":"ok","agent_name":"x","version":10,"capabilities":[],"boot_id":"' . $boot . '","release":"' . ($ENV{AGENT_RELEASE} || v('AGENT_RELEASE')) . '"}';
        if ($first =~ m{^POST /chat}) {
          $k->autoflush(1);
          print $k "HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n";
          for my $n (1..5) {
            my $event = "data: {\\"type\\":\\"text\\",\\"content\\":\\"$n\\"}\\n\\n";
            print $k sprintf("%x\\r\\n%s\\r\\n", length $event, $event);
            select undef, undef, undef, 0.4;
          }
          print $k "0\\r\\n\\r\\n"; close $k; next;
        }
        print $k "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nConnection: close\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n" . $body;
        close $k;
      }
      """;

  private PerlRelease() {}

  /**
   * @param version shows in its health; one that contains {@code broken} ends at once
   */
  public static Release make(Path store, String version) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(
        "bin/liberclaw-agent", AGENT.replace("VERSION", version).getBytes(StandardCharsets.UTF_8));
    files.put("lib/ballast", new byte[300_000]);
    List<Manifest.Entry> entries =
        files.entrySet().stream()
            .map(f ->
                new Manifest.Entry(
                    f.getKey(),
                    f.getValue().length,
                    f.getKey().startsWith("bin/") ? 0755 : 0644,
                    sha256(f.getValue())))
            .toList();
    Manifest manifest = Manifest.of(version, "linux-x86_64", entries);
    Path packed = Files.createTempFile(store, "tar", ".zst");
    try (OutputStream out = Files.newOutputStream(packed);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(new ZstdOutputStream(out))) {
      for (Manifest.Entry entry : manifest.files()) {
        TarArchiveEntry header = new TarArchiveEntry(entry.path());
        header.setSize(entry.size());
        header.setMode(entry.mode());
        tar.putArchiveEntry(header);
        tar.write(files.get(entry.path()));
        tar.closeArchiveEntry();
      }
    }
    String sha256 = sha256(Files.readAllBytes(packed));
    Path folder = Files.createDirectories(store.resolve(manifest.id()));
    Path archive = Files.move(packed, folder.resolve(sha256 + ".tar.zst"));
    return new Release(manifest, sha256, Files.size(archive), "nobody", folder);
  }

  /**
   * A bundle as {@code make bundle} leaves it.
   *
   * @param signer an Ed25519 key
   */
  public static void bundle(Path folder, String version, PrivateKey signer) throws Exception {
    Files.createDirectories(folder);
    Release release = make(folder, version);
    String archive = release.archiveSha256() + ".tar.zst";
    Files.move(release.folder().resolve(archive), folder.resolve("agent.tar.zst"));
    byte[] manifest = release.manifest().text().getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("manifest.json"), manifest);
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(signer);
    signature.update(manifest);
    Files.write(folder.resolve("manifest.sig"), signature.sign());
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.release.Compression;
import ai.liberclaw.deploy.release.Manifest;
import ai.liberclaw.deploy.release.Release;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A release whose agent is a few lines of Perl, which every Debian has. */
final class StandInRelease {
  /** Answers {@code /health}, shows what it sees on {@code /look}, and appends to its database. */
  private static final String AGENT =
      """
      #!/usr/bin/perl
      use strict; use IO::Socket::INET;
      my $version = 'VERSION';
      my $data = '/var/lib/liberclaw/agent';
      open(my $db, '>>', "$data/agent.db") or die "no data: $!"; print $db "$version\\n"; close $db;
      exit 7 if $version eq 'broken';
      my $boot = sprintf('%08x-%d-%d', int(rand(2**31)), $$, time);
      my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 8080, Listen => 16,
        ReuseAddr => 1) or die "no port: $!";
      $SIG{TERM} = sub { exit 0 };
      while (1) {
        my $c = $s->accept or next;
        my $line = <$c>; while (my $h = <$c>) { last if $h =~ /^\\r?\\n$/ }
        my $body = qq({"status":"ok","version":2,"boot_id":"$boot","release":"$version"});
        if ($line =~ m{^GET /run\\?(\\S+)}) {
          my $command = $1; $command =~ s/%([0-9A-Fa-f]{2})/chr(hex($1))/ge;
          $body = `($command) 2>&1`;
        }
        print $c "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($body)
          . "\\r\\nConnection: close\\r\\n\\r\\n" . $body;
        close $c;
      }
      """;

  private StandInRelease() {}

  /** Makes one, known by its version; {@code broken} ends at once. */
  static Release make(Path folder, String version) {
    try {
      byte[] agent = AGENT.replace("VERSION", version).getBytes(StandardCharsets.UTF_8);
      Manifest manifest =
          Manifest.of(
              version,
              "linux-x86_64",
              List.of(new Manifest.Entry(Release.LAUNCHER, agent.length, 0755, sha256(agent))));
      Path home = Files.createDirectories(folder.resolve(manifest.id()));
      Path packed = home.resolve("packed");
      try (TarArchiveOutputStream tar =
          new TarArchiveOutputStream(new ZstdOutputStream(Files.newOutputStream(packed)))) {
        TarArchiveEntry directory = new TarArchiveEntry("bin/");
        directory.setMode(0755);
        tar.putArchiveEntry(directory);
        tar.closeArchiveEntry();
        TarArchiveEntry entry = new TarArchiveEntry(Release.LAUNCHER);
        entry.setMode(0755);
        entry.setSize(agent.length);
        tar.putArchiveEntry(entry);
        tar.write(agent);
        tar.closeArchiveEntry();
      }
      byte[] bytes = Files.readAllBytes(packed);
      Files.move(packed, home.resolve(sha256(bytes) + Compression.ZSTD.suffix()));
      return new Release(manifest, sha256(bytes), bytes.length, "nobody", home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What lies in an embedded server's folder, and the commands that make, start and stop the server
 * there.
 */
final class ServerFiles {
  private static final Duration INIT_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final int PORT_TRIES_MAX = 5;
  private static final long LOG_BYTES_MAX = 10_000_000;

  private final Path folder;

  ServerFiles(Path folder) {
    this.folder = folder;
  }

  Path data() {
    return folder.resolve("data");
  }

  String password() {
    try {
      return Files.readString(passwordFile());
    } catch (IOException e) {
      throw new DatabaseException(
          "The password of the database in " + folder + " can't be read: " + e, e);
    }
  }

  private Path passwordFile() {
    return folder.resolve("password");
  }

  /** Starts the server on the data, made first if there is none. */
  Postmaster start(Duration limit) throws IOException {
    ServerUser user = ServerUser.choose(data());
    Path binaries = binaries(user);
    if (!Files.exists(data())) {
      initialize(user, binaries);
    }
    trimLog();
    Commands.Result result = new Commands.Result(false, "no free port");
    for (int tries = 0; tries < PORT_TRIES_MAX; tries++) {
      result = user.run(folder, limit.plus(STOP_LIMIT), startCommand(binaries, freePort(), limit));
      if (result.ok()) {
        return Postmaster.on(data())
            .orElseThrow(() ->
                new DatabaseException(
                    "The database server of " + folder + " ended at once." + lastOfLog()));
      }
      // Between finding a free port and using it somebody else may have taken it.
      if (!lastOfLog().contains("Address already in use")) {
        break;
      }
    }
    throw new DatabaseException(
        "The database server of " + folder + " does not start: " + result.output() + lastOfLog());
  }

  private List<String> startCommand(Path binaries, int port, Duration limit) {
    // Given with the command, so that no file of the folder overrides them.
    String settings =
        Stream.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_connections=200",
                "fsync=on",
                "full_page_writes=on",
                "synchronous_commit=on",
                "password_encryption=scram-sha-256",
                "timezone=UTC",
                "log_timezone=UTC")
            .map(setting -> "-c " + setting)
            .reduce((one, next) -> one + " " + next)
            .orElseThrow();
    // pg_ctl gives the server a session of its own: Ctrl-C at our terminal leaves it to us.
    return List.of(
        binaries.resolve("bin/pg_ctl").toString(),
        "start",
        "--wait",
        "--timeout=" + limit.toSeconds(),
        "--silent",
        "--pgdata=" + data(),
        "--log=" + log(),
        "--options=" + settings);
  }

  private Path log() {
    return data().resolve("server.log");
  }

  private Path binaries(ServerUser user) {
    List<Path> places = new ArrayList<>();
    if (user.isWeOurselves()) {
      Path home = Path.of(System.getProperty("user.home"));
      if (home.isAbsolute() && Files.isDirectory(home)) {
        places.add(home.resolve(".cache/liberclaw"));
      }
      places.add(Path.of(System.getProperty("java.io.tmpdir")).resolve("liberclaw-" + user.uid()));
    }
    places.add(folder);
    return PostgresBinaries.ofThisMachine().unpackedIn(places);
  }

  /**
   * Makes the data aside and renames it when it is whole, so that a kill in the middle leaves
   * nothing that looks done.
   */
  private void initialize(ServerUser user, Path binaries) throws IOException {
    Path fresh = folder.resolve("data.new");
    Path passwordCopy = folder.resolve("password.new");
    delete(fresh);
    Files.deleteIfExists(passwordCopy);
    Files.createDirectory(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    writeSecret(passwordCopy, password);
    if (!user.isWeOurselves()) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      user.give(fresh);
      user.give(passwordCopy);
      mustReach(user, fresh, binaries);
    }
    Commands.Result result =
        user.run(
            folder,
            INIT_LIMIT,
            List.of(
                binaries.resolve("bin/initdb").toString(),
                "--pgdata=" + fresh,
                "--username=" + EmbeddedServer.USER,
                "--pwfile=" + passwordCopy,
                "--auth=scram-sha-256",
                // Stretching protects passwords that can be guessed. This one is 256 random bits,
                // and each new connection would pay for it again.
                "--set=scram_iterations=1",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions"));
    Files.delete(passwordCopy);
    if (!result.ok()) {
      throw new DatabaseException(
          "The database in " + folder + " can't be made: " + result.output());
    }
    // The password first: data without it would be lost, it without data is simply replaced.
    Files.deleteIfExists(passwordFile());
    writeSecret(passwordCopy, password);
    Files.move(passwordCopy, passwordFile(), StandardCopyOption.ATOMIC_MOVE);
    Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writeSecret(Path file, String secret) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, secret);
  }

  private void mustReach(ServerUser user, Path fresh, Path binaries) {
    Path program = binaries.resolve("bin/postgres");
    if (!user.run(Path.of("/"), STOP_LIMIT, List.of("test", "-w", fresh.toString())).ok()
        || !user.run(Path.of("/"), STOP_LIMIT, List.of("test", "-x", program.toString())).ok()) {
      throw new DatabaseException(
          "PostgreSQL can't run as root, and the user it would run as (uid "
              + user.uid()
              + ") can't reach "
              + folder
              + ". Choose a folder that is open to others, start this as an ordinary user, or set"
              + " LIBERCLAW_DATABASE_URL to a server.");
    }
  }

  /** Stops the server, breaking its connections; nothing committed is lost. */
  void stop(ProcessHandle server) {
    ServerUser user = ServerUser.choose(data());
    Path program = binaries(user).resolve("bin/pg_ctl");
    for (String mode : List.of("fast", "immediate")) {
      List<String> command =
          List.of(
              program.toString(),
              "stop",
              "--wait",
              "--timeout=" + STOP_LIMIT.toSeconds(),
              "--silent",
              "--pgdata=" + data(),
              "--mode=" + mode);
      if (user.run(folder, STOP_LIMIT.plusSeconds(5), command).ok()) {
        Processes.awaitEnd(server, STOP_LIMIT);
        return;
      }
    }
    throw new DatabaseException("The database server of " + folder + " does not stop.");
  }

  private void trimLog() throws IOException {
    if (Files.exists(log()) && Files.size(log()) > LOG_BYTES_MAX) {
      Files.delete(log());
    }
  }

  private String lastOfLog() {
    try {
      List<String> lines = Files.readAllLines(log());
      return "\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    } catch (IOException e) {
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
          Files.delete(file);
        }
      }
    }
  }
}

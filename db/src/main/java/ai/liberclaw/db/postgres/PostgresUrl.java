package ai.liberclaw.db.postgres;

import ai.liberclaw.db.DatabaseException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a database is and who we are there, taken apart so that the address can be shown and the
 * password can't.
 *
 * @param jdbc what the driver gets: no user, no password
 */
record PostgresUrl(String jdbc, Optional<String> user, Optional<String> password) {
  private static final String JDBC = "jdbc:postgresql://";

  /**
   * Takes {@code postgresql://}, {@code postgres://}, {@code postgresql+asyncpg://} and {@code
   * jdbc:postgresql://}.
   */
  static PostgresUrl parse(String url) {
    String rest =
        Stream.of("postgresql+asyncpg://", "postgresql://", "postgres://", JDBC)
            .filter(url::startsWith)
            .findFirst()
            .map(scheme -> url.substring(scheme.length()))
            .orElseThrow(() ->
                new DatabaseException(
                    "The database URL must begin with postgresql:// or embedded: (a directory of ours)"));
    String query = rest.contains("?") ? rest.substring(rest.indexOf('?') + 1) : "";
    String place = rest.contains("?") ? rest.substring(0, rest.indexOf('?')) : rest;
    int slash = place.indexOf('/', place.lastIndexOf('@') + 1);
    String authority = slash < 0 ? place : place.substring(0, slash);
    String database = slash < 0 ? "" : place.substring(slash + 1);
    if (database.isEmpty()) {
      throw new DatabaseException("The database URL names no database: it must end in /<name>");
    }
    int at = authority.lastIndexOf('@');
    String login = at < 0 ? "" : authority.substring(0, at);
    String hosts = authority.substring(at + 1);
    int colon = login.indexOf(':');

    Optional<String> user =
        value(colon < 0 ? login : login.substring(0, colon)).or(() -> parameter(query, "user"));
    Optional<String> password =
        value(colon < 0 ? "" : login.substring(colon + 1)).or(() -> parameter(query, "password"));
    String options =
        parameters(query)
            .filter(option -> !option.startsWith("user=") && !option.startsWith("password="))
            .map(PostgresUrl::driverOption)
            .collect(Collectors.joining("&"));
    return new PostgresUrl(
        JDBC
            + (hosts.isEmpty() ? "localhost" : hosts)
            + "/"
            + database
            + (options.isEmpty() ? "" : "?" + options),
        user,
        password);
  }

  /** A URL of a server of ours; whoever else may have got its port is not told the password. */
  static String ofLoopback(String user, String password, int port, String database) {
    return "postgresql://%s:%s@127.0.0.1:%d/%s?requireAuth=scram-sha-256"
        .formatted(user, password, port, database);
  }

  /** The address without options, for messages. */
  String shown() {
    return jdbc.substring(JDBC.length()).replaceFirst("\\?.*", "");
  }

  @Override
  public String toString() {
    return shown();
  }

  /** asyncpg says ssl=require where PostgreSQL's own drivers say sslmode=require. */
  private static String driverOption(String option) {
    return switch (option) {
      case "ssl=disable",
          "ssl=allow",
          "ssl=prefer",
          "ssl=require",
          "ssl=verify-ca",
          "ssl=verify-full" ->
          "sslmode=" + option.substring("ssl=".length());
      default -> option;
    };
  }

  private static Stream<String> parameters(String query) {
    return Arrays.stream(query.split("&", -1)).filter(option -> !option.isEmpty());
  }

  private static Optional<String> parameter(String query, String name) {
    return parameters(query)
        .filter(option -> option.startsWith(name + "="))
        .findFirst()
        .flatMap(option -> value(option.substring(name.length() + 1)));
  }

  private static Optional<String> value(String encoded) {
    // A plus is a plus here, not a blank.
    return encoded.isEmpty()
        ? Optional.empty()
        : Optional.of(URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8));
  }
}

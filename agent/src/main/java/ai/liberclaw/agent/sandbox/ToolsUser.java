package ai.liberclaw.agent.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The Unix user that tools run as.
 *
 * @param group its primary group
 */
public record ToolsUser(String name, int id, int group) {
  /** Who is taken when the owner names nobody: the first that there is. */
  public static final List<String> DEFAULTS = List.of("liberclaw-tools", "nobody");

  private static final Path ACCOUNTS = Path.of("/etc/passwd");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  /**
   * The user of this name or number (which needs no account); empty when there is none, or root.
   */
  static Optional<ToolsUser> find(String name) {
    Optional<ToolsUser> account = account(name);
    if (account.isEmpty() && NUMBER.matcher(name).matches()) {
      int id = Integer.parseInt(name);
      account = Optional.of(new ToolsUser(name, id, id));
    }
    return account.filter(user -> user.id() > 0);
  }

  private static Optional<ToolsUser> account(String name) {
    try {
      // Names are ASCII; the rest of a line may be anything (passwd(5)).
      return Files.readAllLines(ACCOUNTS, StandardCharsets.ISO_8859_1).stream()
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length >= 4)
          .filter(fields -> fields[0].equals(name) || fields[2].equals(name))
          .filter(
              fields -> NUMBER.matcher(fields[2]).matches() && NUMBER.matcher(fields[3]).matches())
          .map(fields ->
              new ToolsUser(fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))
          .findFirst();
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}

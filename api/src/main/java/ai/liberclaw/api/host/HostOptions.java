package ai.liberclaw.api.host;

import ai.liberclaw.api.command.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What follows {@code host} or {@code adopt}.
 *
 * @param action {@code add}, {@code list}, …
 * @param words without a leading {@code --}
 * @param values of options by name
 * @param usage of the command, for who cannot use it
 */
record HostOptions(String action, List<String> words, Map<String, String> values, String usage) {
  static final String USAGE =
      """
      host add <name> <address> --key <file> [--fingerprint SHA256:…] [--port 22] [--login root] [--agents 20] [--rootless] [--public-name agents.example.org]
      host list
      host check [<name>]
      host close <name>   (no new agents)
      host open <name>
      host name <name> [<public name>]  (none: agents are reached through the login)
      host remove <name>  (once it has no agents)\
      """;

  private static final Set<String> WITH_VALUE =
      Set.of("--key", "--fingerprint", "--port", "--login", "--agents", "--public-name");
  private static final String ROOTLESS = "--rootless";

  static HostOptions of(List<String> arguments) {
    return of(arguments, WITH_VALUE, USAGE);
  }

  static HostOptions of(List<String> arguments, Set<String> withValue, String usage) {
    List<String> words = new ArrayList<>();
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals(ROOTLESS) && usage.contains(ROOTLESS)) {
        values.put(word, "");
      } else if (withValue.contains(word)) {
        i++;
        if (i == arguments.size()) {
          throw new CommandException(word + " wants a value.\n" + usage);
        }
        values.put(word, arguments.get(i));
      } else if (word.startsWith("--")) {
        throw new CommandException("Unknown option " + word + ".\n" + usage);
      } else {
        words.add(word);
      }
    }
    if (words.isEmpty()) {
      throw new CommandException(usage);
    }
    return new HostOptions(words.getFirst(), words.subList(1, words.size()), values, usage);
  }

  /** Exactly this many words after the action. */
  List<String> words(int count) {
    if (words.size() != count) {
      throw new CommandException(usage);
    }
    return words;
  }

  Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option));
  }

  int number(String option, int defaultValue) {
    try {
      return value(option).map(Integer::parseInt).orElse(defaultValue);
    } catch (NumberFormatException _) {
      throw new CommandException(option + " wants a whole number.");
    }
  }

  boolean rootless() {
    return values.containsKey(ROOTLESS);
  }
}

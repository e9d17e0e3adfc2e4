package ai.liberclaw.agent.sandbox;

import ai.liberclaw.core.config.EnvReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the owner decided about the programs of tools.
 *
 * @param user whom they run as where the server may choose, by name or number; empty for {@link
 *     ToolsUser#DEFAULTS}
 * @param asRoot they run as root where the server does
 * @param readable more folders that they may read inside of bubblewrap
 */
public record SandboxSettings(Optional<String> user, boolean asRoot, List<Path> readable) {
  public SandboxSettings {
    readable = List.copyOf(readable);
  }

  public static SandboxSettings fromEnv(EnvReader read) {
    Optional<String> user =
        read.optional(
            "TOOLS_USER",
            "user that tools run as, where the server may switch; else "
                + String.join(", ", ToolsUser.DEFAULTS));
    if (user.isPresent() && ToolsUser.find(user.get()).isEmpty()) {
      read.problem("TOOLS_USER", "must be a user of this machine, not root, or a number above 0");
    }
    boolean asRoot =
        read.flag(
            "TOOLS_AS_ROOT", false, "tools run as root, for an agent whose machine is all its own");
    List<Path> readable =
        read
            .list("TOOLS_READABLE", List.of(), "more folders that sandboxed tools may read")
            .stream()
            .map(Path::of)
            .toList();
    if (!readable.stream().allMatch(Path::isAbsolute)) {
      read.problem("TOOLS_READABLE", "must be absolute paths");
    }
    return new SandboxSettings(user, asRoot, readable);
  }
}

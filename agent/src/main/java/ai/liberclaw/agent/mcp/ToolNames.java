package ai.liberclaw.agent.mcp;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names under which the tools of all servers are offered: {@code mcp_<server>_<tool>}, or a
 * shorter one with a hash where that is too long or another tool has it. A name that was given
 * stays with its tool.
 */
final class ToolNames {
  /** What model APIs take. */
  static final int LENGTH_MAX = 64;

  private static final int HASH_BYTES = 4;

  private final Map<String, String> owners = new ConcurrentHashMap<>();

  String name(String server, String tool) {
    String owner = server + "/" + tool;
    String plain = "mcp_" + server + "_" + tool;
    if (plain.length() <= LENGTH_MAX && isFor(plain, owner)) {
      return plain;
    }
    for (int attempt = 0; ; attempt++) {
      String hash = hash(owner + (attempt == 0 ? "" : "#" + attempt));
      int kept = Math.min(plain.length(), LENGTH_MAX - hash.length() - 1);
      String hashed = plain.substring(0, kept) + "_" + hash;
      if (isFor(hashed, owner)) {
        return hashed;
      }
    }
  }

  private boolean isFor(String name, String owner) {
    String first = owners.putIfAbsent(name, owner);
    return first == null || first.equals(owner);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

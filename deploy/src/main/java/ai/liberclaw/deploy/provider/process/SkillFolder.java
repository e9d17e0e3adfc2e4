package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps exactly the chosen skills of the catalogue in an agent's workspace. What was written is
 * remembered by its hash: a file its owner or agent changed, and every file of theirs, stays.
 */
final class SkillFolder {
  private SkillFolder() {}

  /**
   * @param chosen text by skill id
   * @return ids that were left as they are because somebody edited them
   */
  static List<String> sync(AgentDirectory directory, Map<String, String> chosen)
      throws IOException {
    Path skills = directory.workspace().resolve("skills");
    // The agent's tools may put a link here; writing through it would leave the workspace.
    if (Files.exists(skills, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(skills, LinkOption.NOFOLLOW_LINKS)) {
      return List.copyOf(chosen.keySet());
    }
    Files.createDirectories(skills);
    Map<String, String> managed = read(directory.managed());
    List<String> edited = new ArrayList<>();
    for (Map.Entry<String, String> written : Map.copyOf(managed).entrySet()) {
      String id = written.getKey();
      if (!chosen.containsKey(id)) {
        remove(skills.resolve(id), written.getValue(), id, edited);
        managed.remove(id);
      }
    }
    for (Map.Entry<String, String> skill : chosen.entrySet()) {
      String id = skill.getKey();
      Path folder = skills.resolve(id);
      Path file = folder.resolve("SKILL.md");
      boolean exists = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      boolean linked = Files.isSymbolicLink(folder) || Files.isSymbolicLink(file);
      if (linked || (exists && !hash(Files.readString(file)).equals(managed.get(id)))) {
        edited.add(id);
      } else {
        Files.createDirectories(folder);
        Files.writeString(file, skill.getValue());
        managed.put(id, hash(skill.getValue()));
      }
    }
    write(directory.managed(), managed);
    return edited;
  }

  private static void remove(Path folder, String writtenHash, String id, List<String> edited)
      throws IOException {
    Path file = folder.resolve("SKILL.md");
    if (Files.isSymbolicLink(folder) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!hash(Files.readString(file)).equals(writtenHash)) {
      edited.add(id);
      return;
    }
    Files.delete(file);
    try {
      Files.delete(folder);
    } catch (DirectoryNotEmptyException _) {
      // Somebody keeps notes of their own beside the skill.
    }
  }

  private static Map<String, String> read(Path file) throws IOException {
    Map<String, String> managed = new TreeMap<>();
    if (Files.exists(file)) {
      try {
        JsonNode skills = Json.parse(Files.readAllBytes(file)).path("skills");
        skills.properties().forEach(e -> managed.put(e.getKey(), e.getValue().asText()));
      } catch (JsonException _) {
        // Without the record every file counts as edited, and none is overwritten.
      }
    }
    return managed;
  }

  private static void write(Path file, Map<String, String> managed) throws IOException {
    ObjectNode json = Json.object();
    ObjectNode skills = json.putObject("skills");
    managed.forEach(skills::put);
    Files.writeString(file, Json.write(json));
  }

  private static String hash(String text) {
    try {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

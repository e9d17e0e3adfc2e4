package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.deploy.engine.ContainerFile;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What has to change so that a workspace has exactly the chosen skills of the catalogue. A file its
 * owner or agent changed, and every file of theirs, stays.
 *
 * @param written text by skill id
 * @param removed ids of skills nobody chose any more and nobody edited
 * @param managed what is remembered of the files: their hashes by id
 * @param edited ids left as they are because somebody edited them
 */
record SkillPlan(
    Map<String, String> written,
    List<String> removed,
    Map<String, String> managed,
    List<String> edited) {
  // The record of the last time lies where the agent could have written it.
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");

  /** Finds out what is there. */
  interface Look {
    ContainerFile at(String id) throws InterruptedException;
  }

  static SkillPlan of(Map<String, String> chosen, Optional<String> record, Look look)
      throws InterruptedException {
    Map<String, String> managed = read(record);
    Map<String, String> written = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    List<String> edited = new ArrayList<>();
    for (Map.Entry<String, String> former : Map.copyOf(managed).entrySet()) {
      String id = former.getKey();
      if (chosen.containsKey(id)) {
        continue;
      }
      managed.remove(id);
      ContainerFile file = look.at(id);
      if (file.text().map(SkillPlan::hash).filter(former.getValue()::equals).isPresent()) {
        removed.add(id);
      } else if (file.exists()) {
        edited.add(id);
      }
    }
    for (Map.Entry<String, String> skill : chosen.entrySet()) {
      String id = skill.getKey();
      ContainerFile file = look.at(id);
      String expected = managed.getOrDefault(id, "");
      if (file.exists() && !file.text().map(SkillPlan::hash).orElse("edited").equals(expected)) {
        edited.add(id);
      } else {
        written.put(id, skill.getValue());
        managed.put(id, hash(skill.getValue()));
      }
    }
    return new SkillPlan(written, removed, managed, edited);
  }

  /** The record for the next time. */
  String record() {
    ObjectNode json = Json.object();
    ObjectNode skills = json.putObject("skills");
    managed.forEach(skills::put);
    return Json.write(json);
  }

  private static Map<String, String> read(Optional<String> record) {
    Map<String, String> managed = new TreeMap<>();
    try {
      record
          .map(Json::parse)
          .ifPresent(json ->
              json.path("skills")
                  .properties()
                  .forEach(e -> managed.put(e.getKey(), e.getValue().asText())));
    } catch (JsonException _) {
      // Without the record every file counts as edited, and none is overwritten.
    }
    managed.keySet().removeIf(id -> !ID.matcher(id).matches());
    return managed;
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

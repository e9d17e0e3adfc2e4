package ai.liberclaw.deploy.host;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which skills to write and to remove, so that exactly the chosen ones are there. A file that its
 * owner or agent changed since it was written, and every file of theirs, stays.
 *
 * @param written text by id
 * @param removed ids
 * @param edited ids left as they are
 * @param managed SHA-256 by id of all that was written by us and is still there
 */
record SkillPlan(
    Map<String, String> written,
    List<String> removed,
    List<String> edited,
    Map<String, String> managed) {
  private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,64}");

  /**
   * @param look lines of {@code skills-look.sh}
   * @param chosen text by id
   */
  static SkillPlan of(String look, Map<String, String> chosen) {
    Map<String, String> managed = new TreeMap<>();
    Map<String, String> present = new HashMap<>();
    Set<String> others = new HashSet<>();
    boolean blocked = false;
    for (String line : look.split("\n", -1)) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "managed" -> managed.put(words[1], words[2]);
        case "file" -> present.put(words[1], words[2]);
        case "other" -> others.add(words[1]);
        case "blocked" -> blocked = true;
        default -> {}
      }
    }
    if (blocked) {
      return new SkillPlan(Map.of(), List.of(), List.copyOf(chosen.keySet()), managed);
    }
    Map<String, String> written = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    List<String> edited = new ArrayList<>();
    for (Map.Entry<String, String> old : Map.copyOf(managed).entrySet()) {
      String id = old.getKey();
      if (!chosen.containsKey(id) && ID.matcher(id).matches()) {
        managed.remove(id);
        String now = present.get(id);
        if (now != null && !now.equals(old.getValue())) {
          edited.add(id);
        } else if (now != null) {
          removed.add(id);
        }
      }
    }
    for (Map.Entry<String, String> skill : new TreeMap<>(chosen).entrySet()) {
      String id = skill.getKey();
      String now = present.get(id);
      if (others.contains(id) || (now != null && !now.equals(managed.get(id)))) {
        edited.add(id);
      } else {
        String hash = hash(skill.getValue());
        if (!hash.equals(now)) {
          written.put(id, skill.getValue());
        }
        managed.put(id, hash);
      }
    }
    return new SkillPlan(written, removed, edited, managed);
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The record beside the database, by which the next plan knows what is ours. */
  String managedJson() {
    ObjectNode json = Json.object();
    ObjectNode skills = json.putObject("skills");
    managed.forEach(skills::put);
    return Json.write(json);
  }

  static String hash(String text) {
    try {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

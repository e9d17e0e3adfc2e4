package ai.liberclaw.deploy.catalogue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All templates and skills, read once and checked: what it offers refers only to what it has. Ids
 * are part of the contract, since stored agents hold them.
 */
public final class Catalogue {
  /** UTF-16 units the app's editor takes. */
  public static final int PROMPT_LENGTH_MAX = 2000;

  private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private final List<Category> categories;
  private final Map<String, Template> templates = new LinkedHashMap<>();
  private final Map<String, Skill> skills = new LinkedHashMap<>();

  private Catalogue(List<Category> categories, List<Skill> skills) {
    this.categories = List.copyOf(categories);
    skills.forEach(skill -> require(this.skills.put(skill.id(), skill) == null, skill.id()));
    categories.stream()
        .flatMap(category -> category.templates().stream())
        .forEach(
            template -> require(templates.put(template.id(), template) == null, template.id()));
    templates.values().forEach(this::check);
  }

  /**
   * Reads the catalogue on the class path.
   *
   * @throws IllegalStateException naming the first entry that contradicts the rest
   */
  public static Catalogue load() {
    List<Category> categories = new ArrayList<>();
    for (JsonNode category : json("templates.json").path("categories")) {
      String id = text(category, "id");
      List<Template> templates = new ArrayList<>();
      category.path("templates").forEach(template -> templates.add(template(id, template)));
      categories.add(
          new Category(
              id,
              text(category, "name"),
              text(category, "icon"),
              text(category, "description"),
              templates));
    }
    List<Skill> skills = new ArrayList<>();
    for (JsonNode skill : json("skills.json").path("skills")) {
      String id = text(skill, "id");
      String content =
          read("skills/" + id + ".md")
              .orElseThrow(() -> new IllegalStateException("catalogue: no text of skill " + id));
      skills.add(
          new Skill(
              id,
              text(skill, "name"),
              text(skill, "category"),
              text(skill, "description"),
              content));
    }
    return new Catalogue(categories, skills);
  }

  public List<Category> categories() {
    return categories;
  }

  public Optional<Template> template(String id) {
    return Optional.ofNullable(templates.get(id));
  }

  public List<Skill> skills() {
    return List.copyOf(skills.values());
  }

  public Optional<Skill> skill(String id) {
    return Optional.ofNullable(skills.get(id));
  }

  private void check(Template template) {
    require(ID.matcher(template.id()).matches(), template.id());
    require(template.skills().stream().allMatch(skills::containsKey), template.id());
    require(
        template.systemPrompt().map(String::length).orElse(0) <= PROMPT_LENGTH_MAX, template.id());
  }

  private static void require(boolean holds, String id) {
    if (!holds) {
      throw new IllegalStateException("catalogue: the entry " + id + " is twice, or wrong");
    }
  }

  private static Template template(String category, JsonNode json) {
    List<String> skills = new ArrayList<>();
    json.path("skills").forEach(skill -> skills.add(skill.asText()));
    String id = text(json, "id");
    return new Template(
        id,
        text(json, "name"),
        category,
        text(json, "description"),
        text(json, "icon"),
        text(json, "model"),
        skills,
        json.path("featured").asBoolean(),
        read("prompts/" + id + ".md").map(String::strip));
  }

  private static String text(JsonNode json, String name) {
    String text = json.path(name).textValue();
    if (text == null || text.isBlank()) {
      throw new IllegalStateException("catalogue: an entry without " + name + ": " + json);
    }
    return text;
  }

  private static JsonNode json(String name) {
    return Json.parse(
        read(name).orElseThrow(() -> new IllegalStateException("catalogue: no " + name)));
  }

  private static Optional<String> read(String name) {
    try (InputStream file = Catalogue.class.getResourceAsStream(name)) {
      return file == null
          ? Optional.empty()
          : Optional.of(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

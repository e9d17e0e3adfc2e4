package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Templates and skills as the app and the landing page read them. */
@ExtendWith(Postgres.Extension.class)
class CatalogueRoutesTest {
  private static TestApi api;

  @BeforeAll
  static void start(Postgres postgres) throws Exception {
    api = TestApi.start(postgres);
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  private static HttpResponse<String> get(String path, String... headers) throws Exception {
    return api.call("GET", path, null, null, headers);
  }

  private static List<String> names(JsonNode json) {
    return json.properties().stream().map(Map.Entry::getKey).sorted().toList();
  }

  @Test
  void templatesComeByCategoryAndWholeByTheirId() throws Exception {
    JsonNode categories = Json.parse(get("/templates/").body()).get("categories");
    List<String> ids = new ArrayList<>();
    categories.forEach(category -> ids.add(category.get("id").textValue()));
    assertEquals(List.of("developer", "productivity", "web3"), ids);
    assertEquals(
        List.of("description", "icon", "id", "name", "templates"), names(categories.get(0)));
    JsonNode first = categories.get(0).get("templates").get(0);
    List<String> fields =
        List.of("category", "description", "featured", "icon", "id", "model", "name", "skills");
    assertEquals(fields, names(first));
    // Names that the app's icon set has.
    assertEquals("laptop", first.get("icon").textValue());
    assertTrue(first.get("featured").booleanValue());

    JsonNode whole = Json.parse(get("/templates/full-stack-dev").body());
    TreeSet<String> all = new TreeSet<>(fields);
    all.add("system_prompt");
    assertEquals(List.copyOf(all), names(whole));
    assertTrue(whole.get("system_prompt").textValue().length() > 100);
    HttpResponse<String> unknown = get("/templates/no%20such");
    assertEquals(404, unknown.statusCode());
    assertEquals("{\"detail\":\"Template 'no such' not found\"}", unknown.body());
  }

  @Test
  void skillsComeInShortAndWholeByTheirId() throws Exception {
    JsonNode skills = Json.parse(get("/skills/").body()).get("skills");
    assertEquals(19, skills.size());
    assertEquals(List.of("category", "description", "id", "name"), names(skills.get(0)));
    JsonNode git = Json.parse(get("/skills/git").body());
    assertTrue(git.get("content").textValue().startsWith("# Git\n"));
    assertEquals("{\"detail\":\"Skill 'x' not found\"}", get("/skills/x").body());
  }

  @Test
  void cachesKeepThemAndAskWithTheirTag() throws Exception {
    for (String path :
        List.of(
            "/templates/", "/templates", "/templates/code-reviewer", "/skills", "/skills/git")) {
      HttpResponse<String> whole = get(path);
      assertEquals(200, whole.statusCode(), path);
      String tag = whole.headers().firstValue("ETag").orElseThrow();
      for (String known : List.of(tag, "\"other\", W/" + tag, "*")) {
        HttpResponse<String> same = get(path, "If-None-Match", known);
        assertEquals(304, same.statusCode(), path + " " + known);
        assertEquals("", same.body());
        assertEquals(tag, same.headers().firstValue("ETag").orElseThrow());
        assertEquals(
            "public, max-age=300", same.headers().firstValue("Cache-Control").orElseThrow());
      }
      assertEquals(200, get(path, "If-None-Match", "\"other\"").statusCode());
    }
  }
}

package ai.liberclaw.api.catalogue;

import ai.liberclaw.api.web.PublicDocument;
import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Category;
import ai.liberclaw.deploy.catalogue.Skill;
import ai.liberclaw.deploy.catalogue.Template;
import ai.liberclaw.deploy.model.ModelMenu;
import ai.liberclaw.deploy.model.OfferedModel;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** {@code /templates}, {@code /skills} and {@code /models}, written once: none of them changes. */
public final class CatalogueRoutes {
  private static final String TEMPLATES = "/api/v1/templates";
  private static final String SKILLS = "/api/v1/skills";
  private static final String MODELS = "/api/v1/models";

  /** Characters of an unknown id that are repeated. */
  private static final int SHOWN_ID_MAX = 64;

  private final PublicDocument templates;
  private final PublicDocument skills;
  private final PublicDocument models;
  private final Map<String, PublicDocument> templatesById = new HashMap<>();
  private final Map<String, PublicDocument> skillsById = new HashMap<>();

  public CatalogueRoutes(Catalogue catalogue, ModelMenu menu) {
    ObjectNode byCategory = Json.object();
    ArrayNode categories = byCategory.putArray("categories");
    for (Category category : catalogue.categories()) {
      ObjectNode group =
          categories
              .addObject()
              .put("id", category.id())
              .put("name", category.name())
              .put("icon", category.icon())
              .put("description", category.description());
      ArrayNode summaries = group.putArray("templates");
      for (Template template : category.templates()) {
        summaries.add(summary(template));
        template
            .systemPrompt()
            .map(prompt -> summary(template).put("system_prompt", prompt))
            .ifPresent(whole -> templatesById.put(template.id(), PublicDocument.of(whole)));
      }
    }
    templates = PublicDocument.of(byCategory);
    ObjectNode allSkills = Json.object();
    ArrayNode list = allSkills.putArray("skills");
    for (Skill skill : catalogue.skills()) {
      list.add(summary(skill));
      skillsById.put(skill.id(), PublicDocument.of(summary(skill).put("content", skill.content())));
    }
    skills = PublicDocument.of(allSkills);
    ObjectNode allModels = Json.object();
    ArrayNode offered = allModels.putArray("models");
    for (OfferedModel model : menu.models()) {
      ObjectNode entry = offered.addObject().put("id", model.id());
      if (model.contextTokens() > 0) {
        entry.put("context_tokens", model.contextTokens());
      } else {
        entry.putNull("context_tokens");
      }
      entry.put("vision", model.vision()).put("default", model.id().equals(menu.usual()));
    }
    models = PublicDocument.of(allModels);
  }

  public void addTo(Router router) {
    router.get(TEMPLATES + "/", templates::send).get(SKILLS + "/", skills::send);
    router.get(MODELS, models::send);
    router.get(TEMPLATES + "/{template_id}", this::template);
    router.get(SKILLS + "/{skill_id}", this::skill);
  }

  private void template(Exchange exchange) {
    send(exchange, templatesById, "Template", exchange.path("template_id"));
  }

  private void skill(Exchange exchange) {
    send(exchange, skillsById, "Skill", exchange.path("skill_id"));
  }

  private static void send(
      Exchange exchange, Map<String, PublicDocument> documents, String what, String id) {
    Optional.ofNullable(documents.get(id))
        .orElseThrow(() -> {
          String shown = id.length() > SHOWN_ID_MAX ? id.substring(0, SHOWN_ID_MAX) : id;
          return new Refusal(404, what + " '" + shown + "' not found");
        })
        .send(exchange);
  }

  private static ObjectNode summary(Template template) {
    ObjectNode json =
        Json.object()
            .put("id", template.id())
            .put("name", template.name())
            .put("category", template.category())
            .put("description", template.description())
            .put("icon", template.icon())
            .put("model", template.model())
            .put("featured", template.featured());
    template.skills().forEach(json.putArray("skills")::add);
    return json;
  }

  private static ObjectNode summary(Skill skill) {
    return Json.object()
        .put("id", skill.id())
        .put("name", skill.name())
        .put("category", skill.category())
        .put("description", skill.description());
  }
}

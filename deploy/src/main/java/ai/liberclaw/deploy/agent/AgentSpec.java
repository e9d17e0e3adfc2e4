package ai.liberclaw.deploy.agent;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.deploy.catalogue.Catalogue;
import ai.liberclaw.deploy.catalogue.Template;
import ai.liberclaw.deploy.model.ModelMenu;
import java.util.List;
import java.util.Optional;

/** What a new agent will be, once a draft and its template have been put together and checked. */
record AgentSpec(String name, String systemPrompt, String model, List<String> skills) {
  /**
   * @throws Refusal 400 for what the catalogue does not have, or a prompt that is missing
   */
  static AgentSpec of(AgentDraft draft, Catalogue catalogue, ModelMenu menu) {
    Optional<Template> template = draft.templateId().map(id -> template(id, catalogue));
    String prompt =
        draft
            .systemPrompt()
            .or(() -> template.flatMap(Template::systemPrompt))
            .orElseThrow(
                () -> new Refusal(400, "system_prompt is required when not using a template"));
    List<String> skills = draft.skills().or(() -> template.map(Template::skills)).orElse(List.of());
    // A template's model is its author's wish; what this installation lacks is no error of a user.
    Optional<String> wished = template.map(Template::model).filter(menu::has);
    String model = draft.model().or(() -> wished).orElse(menu.usual());
    checkModel(model, menu);
    return new AgentSpec(draft.name(), prompt, model, known(skills, catalogue));
  }

  /** The same skills without repetitions. */
  static List<String> known(List<String> skills, Catalogue catalogue) {
    List<String> unknown = skills.stream().filter(id -> catalogue.skill(id).isEmpty()).toList();
    if (!unknown.isEmpty()) {
      throw new Refusal(400, "Unknown skills: " + String.join(", ", unknown));
    }
    return skills.stream().distinct().toList();
  }

  static void checkModel(String model, ModelMenu menu) {
    if (!menu.has(model)) {
      throw new Refusal(400, "Unknown model: " + model);
    }
  }

  private static Template template(String id, Catalogue catalogue) {
    return catalogue
        .template(id)
        .filter(template -> template.systemPrompt().isPresent())
        .orElseThrow(() -> new Refusal(400, "Unknown template: " + id));
  }
}

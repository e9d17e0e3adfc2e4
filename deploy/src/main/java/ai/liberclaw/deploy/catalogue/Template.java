package ai.liberclaw.deploy.catalogue;

import java.util.List;
import java.util.Optional;

/**
 * A ready-made agent.
 *
 * @param category id of its category
 * @param systemPrompt empty when the catalogue lists the template but has no prompt for it
 */
public record Template(
    String id,
    String name,
    String category,
    String description,
    String icon,
    String model,
    List<String> skills,
    boolean featured,
    Optional<String> systemPrompt) {
  public Template {
    skills = List.copyOf(skills);
  }
}

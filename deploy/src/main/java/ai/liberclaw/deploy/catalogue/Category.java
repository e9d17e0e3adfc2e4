package ai.liberclaw.deploy.catalogue;

import java.util.List;

/** A group of templates, in the order of the catalogue. */
public record Category(
    String id, String name, String icon, String description, List<Template> templates) {
  public Category {
    templates = List.copyOf(templates);
  }
}

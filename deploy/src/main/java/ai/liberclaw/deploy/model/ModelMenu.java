package ai.liberclaw.deploy.model;

import java.util.List;

/**
 * What people may choose from.
 *
 * @param models in the order in which they are shown
 * @param usual the one of agents created without a choice
 */
public record ModelMenu(List<OfferedModel> models, String usual) {
  public ModelMenu {
    models = List.copyOf(models);
  }

  public boolean has(String id) {
    return id.equals(usual) || models.stream().anyMatch(model -> model.id().equals(id));
  }
}

package ai.liberclaw.deploy.provider.container;

import ai.liberclaw.deploy.provider.ModelAccess;
import ai.liberclaw.deploy.release.Release;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * What the container provider needs to know.
 *
 * @param dataDir where its lock files are kept
 * @param installation id of this installation; nothing of another one is touched
 * @param machineId whose engine this is
 * @param skillText text of a skill by its id
 * @param releases the release a job asks for, the current one for none
 */
public record ContainerContext(
    ContainerSettings settings,
    Path dataDir,
    UUID installation,
    String machineId,
    ModelAccess models,
    Function<String, Optional<String>> skillText,
    Function<Optional<String>, Release> releases) {
  @Override
  public String toString() {
    return "ContainerContext[installation=" + installation + ", settings=" + settings + "]";
  }
}

package ai.liberclaw.deploy.provider.process;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.provider.Found;
import ai.liberclaw.deploy.provider.MachineLock;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The directories of agents on this machine that carry our marker, whoever owns them. */
final class ProcessInventory {
  private static final Duration LOCK_TIME_MAX = Duration.ofSeconds(20);

  private final Path agents;
  private final UUID installation;
  private final MachineLock locks;

  ProcessInventory(Path agents, UUID installation, MachineLock locks) {
    this.agents = agents;
    this.installation = installation;
    this.locks = locks;
  }

  List<Found> list() {
    List<Found> found = new ArrayList<>();
    if (!Files.isDirectory(agents)) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(agents)) {
      for (Path entry : entries) {
        Optional<AgentDirectory> directory = directory(entry.getFileName().toString());
        if (directory.filter(AgentDirectory::ours).isPresent()) {
          UUID agent = directory.get().agentId();
          found.add(
              new Found(
                  agent.toString(),
                  Optional.empty(),
                  Json.object().put("agent", agent.toString()),
                  made(entry)));
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return found;
  }

  /** Ends what runs there and wipes the directory. */
  void discard(Found orphan) throws InterruptedException {
    AgentDirectory directory =
        directory(orphan.externalId())
            .orElseThrow(() ->
                new ProviderException("not_ours", "No such agent was made here.", false, null));
    try (MachineLock.Held _ = locks.acquire(MachineLock.of(directory.agentId()), LOCK_TIME_MAX)) {
      // Of a directory that is another installation's the processes are, too.
      if (directory.ours() || directory.missing()) {
        for (ProcessIdentity child : Children.with(directory.mark())) {
          Children.end(child, ProcessProvider.STOP_GRACE);
        }
      }
      directory.wipe();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private Optional<AgentDirectory> directory(String name) {
    try {
      UUID agent = UUID.fromString(name);
      return agent.toString().equals(name)
          ? Optional.of(new AgentDirectory(agents.resolve(name), agent, installation))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> made(Path directory) {
    try {
      Path marker = directory.resolve(AgentDirectory.MARKER);
      return Optional.of(Files.getLastModifiedTime(marker, LinkOption.NOFOLLOW_LINKS).toInstant());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static ProviderException unreadable(IOException e) {
    return new ProviderException(
        "disk", "The agents' directories could not be read or removed.", true, e);
  }
}

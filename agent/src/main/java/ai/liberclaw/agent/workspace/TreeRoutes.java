package ai.liberclaw.agent.workspace;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code GET /workspace/tree}: names and sizes of what lies in the workspace. */
public final class TreeRoutes {
  static final int DEPTH_DEFAULT = 5;
  static final int DEPTH_MAX = 20;
  static final int NODES_MAX = 20_000;
  private static final Set<String> SKIPPED = Set.of(".git", "__pycache__", "node_modules");

  private final Workspace workspace;

  public TreeRoutes(Workspace workspace) {
    this.workspace = workspace;
  }

  public void register(Router router) {
    router.get("/workspace/tree", this::tree);
  }

  private void tree(Exchange exchange) {
    long depth = exchange.queryInteger("max_depth", DEPTH_DEFAULT, Long.MIN_VALUE, Long.MAX_VALUE);
    Walk walk = new Walk(workspace.root());
    ObjectNode body = Json.object();
    body.set("tree", walk.children(workspace.root(), "", Math.clamp(depth, 0, DEPTH_MAX)));
    if (walk.truncated) {
      body.put("truncated", true);
    }
    exchange.send(body);
  }

  private record Entry(Path path, String name, boolean folder, long bytes) {}

  private static final class Walk {
    private final Path root;
    private int nodes;
    private boolean truncated;

    private Walk(Path root) {
      this.root = root;
    }

    private ArrayNode children(Path folder, String prefix, int levels) {
      ArrayNode out = Json.array();
      if (levels == 0) {
        return out;
      }
      for (Entry entry : entries(folder)) {
        if (nodes == NODES_MAX) {
          truncated = true;
          break;
        }
        nodes++;
        String path = prefix + entry.name();
        ObjectNode node = out.addObject().put("name", entry.name()).put("path", path);
        if (entry.folder()) {
          node.put("type", "dir");
          node.set("children", children(entry.path(), path + "/", levels - 1));
        } else {
          node.put("type", "file").put("size", entry.bytes());
        }
      }
      return out;
    }

    /** Folders first, then by name; an unreadable folder has none. */
    private List<Entry> entries(Path folder) {
      List<Entry> entries = new ArrayList<>();
      try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
        for (Path child : children) {
          if (entries.size() > NODES_MAX) {
            truncated = true;
            break;
          }
          String name = String.valueOf(child.getFileName());
          if (!SKIPPED.contains(name) && !Workspace.hidden(name) && !Draft.named(name)) {
            entries.add(entry(folder, child, name));
          }
        }
      } catch (IOException | DirectoryIteratorException _) {
        return List.of();
      }
      entries.sort(
          Comparator.comparing(Entry::folder, Comparator.reverseOrder())
              .thenComparing(Entry::name, String.CASE_INSENSITIVE_ORDER)
              .thenComparing(Entry::name));
      return entries;
    }

    private Entry entry(Path folder, Path child, String name) {
      // A link counts as what it leads to, as long as that is inside and not one of its folders.
      Optional<Path> target = target(folder, child);
      if (target.isPresent()) {
        try {
          BasicFileAttributes attributes =
              Files.readAttributes(target.get(), BasicFileAttributes.class);
          return new Entry(
              target.get(),
              name,
              attributes.isDirectory(),
              attributes.isRegularFile() ? attributes.size() : 0);
        } catch (IOException _) {
          // It went away meanwhile.
        }
      }
      return new Entry(child, name, false, 0);
    }

    private Optional<Path> target(Path folder, Path child) {
      if (!Files.isSymbolicLink(child)) {
        return Optional.of(child);
      }
      try {
        Path real = child.toRealPath();
        boolean inside = real.startsWith(root) && !folder.startsWith(real);
        return inside ? Optional.of(real) : Optional.empty();
      } catch (IOException _) {
        return Optional.empty();
      }
    }
  }
}

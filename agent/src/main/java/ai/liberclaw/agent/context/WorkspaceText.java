package ai.liberclaw.agent.context;

import ai.liberclaw.agent.workspace.OpenFile;
import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounded text of files that the agent itself may have written in any state: a file that is
 * missing, unreadable, not a regular file, outside the workspace or of a name that nothing gives
 * access to is empty, bytes that are no UTF-8 become replacement characters. Nothing here ever
 * fails a turn. Read again only when a file has changed.
 */
final class WorkspaceText {
  /** Which part of a file that is too long is worth more. */
  enum Keep {
    HEAD,
    TAIL
  }

  /** Longest UTF-8 form of one UTF-16 unit, in bytes. */
  private static final int BYTES_PER_CHAR_MAX = 3;

  /** Days pass and skills go: an agent that lives for years must not keep all it has ever read. */
  private static final int CACHED_FILES_MAX = 1_000;

  private static final System.Logger LOG = System.getLogger(WorkspaceText.class.getName());

  private final Path root;
  private final Map<Path, Cached> cache = new ConcurrentHashMap<>();

  WorkspaceText(Path root) {
    this.root = root;
  }

  /**
   * Text of a file, trimmed.
   *
   * @param path relative to the workspace
   * @param charsMax including the note that tells of a cut
   */
  String read(String path, int charsMax, Keep keep) {
    Path file = root.resolve(path);
    try {
      if (!Files.isRegularFile(file)) {
        cache.remove(file);
        return "";
      }
      Path real = file.toRealPath();
      // Opened without links, for whoever writes here can swap any of the names meanwhile.
      try (OpenFile opened = OpenFile.inside(root.toRealPath(), real)) {
        Stamp stamp = Stamp.of(opened.attributes());
        Cached known = cache.get(file);
        if (known != null && known.stamp.equals(stamp)) {
          return known.text;
        }
        String text = cut(load(opened, stamp.bytes, charsMax, keep), path, charsMax, keep);
        if (cache.size() >= CACHED_FILES_MAX) {
          cache.clear();
        }
        cache.put(file, new Cached(stamp, text));
        return text;
      }
    } catch (WorkspaceRefusal _) {
      cache.remove(file);
      return "";
    } catch (IOException | SecurityException e) {
      LOG.log(System.Logger.Level.WARNING, "context.file-unreadable path={0}", path);
      return "";
    }
  }

  private static Loaded load(OpenFile file, long bytes, int charsMax, Keep keep)
      throws IOException {
    int wanted = (int) Math.min(bytes, (long) charsMax * BYTES_PER_CHAR_MAX + BYTES_PER_CHAR_MAX);
    ByteBuffer buffer = ByteBuffer.allocate(wanted);
    if (keep == Keep.TAIL) {
      file.channel().position(bytes - wanted);
    }
    while (buffer.hasRemaining() && file.channel().read(buffer) >= 0) {
      // Until the wanted part is here, or the file has become shorter meanwhile.
    }
    String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    return new Loaded(text.replace("\uFEFF", "").replace("\0", "").strip(), wanted < bytes);
  }

  private static String cut(Loaded loaded, String path, int charsMax, Keep keep) {
    String text = loaded.text;
    if (text.length() <= charsMax && !loaded.partly) {
      return text;
    }
    String note =
        switch (keep) {
          case HEAD -> "[cut: the rest of " + path + " is not shown here; read_file shows it]";
          case TAIL -> "[cut: the start of " + path + " is not shown here; read_file shows it]";
        };
    int room = charsMax - note.length() - 1;
    return switch (keep) {
      case HEAD -> Texts.head(text, room) + "\n" + note;
      case TAIL -> note + "\n" + Texts.tail(text, room);
    };
  }

  private record Stamp(long modifiedMs, long bytes, String fileKey) {
    static Stamp of(BasicFileAttributes attributes) {
      return new Stamp(
          attributes.lastModifiedTime().toMillis(),
          attributes.size(),
          String.valueOf(attributes.fileKey()));
    }
  }

  private record Cached(Stamp stamp, String text) {}

  private record Loaded(String text, boolean partly) {}
}

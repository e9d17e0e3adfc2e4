package ai.liberclaw.agent.tool.file;

import ai.liberclaw.agent.workspace.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What turns have seen of files: the hash of each file's content when a turn last read or wrote it.
 * The turns that used it least recently are forgotten, as are a turn's files beyond a number; the
 * model then reads again.
 */
public final class ReadHashes {
  static final int TURNS_MAX = 64;
  static final int FILES_MAX = 500;

  private final Map<String, Map<Path, String>> turns = new Recent<>(TURNS_MAX);

  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private final int most;

    private Recent(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > most;
    }
  }

  /** The turn has seen this content. */
  public synchronized void seen(String turnId, Path file, String hash) {
    turns.computeIfAbsent(turnId, _ -> new Recent<>(FILES_MAX)).put(file, hash);
  }

  /** The hash of what the turn has seen of a file last. */
  public synchronized Optional<String> of(String turnId, Path file) {
    Map<Path, String> files = turns.get(turnId);
    return files == null ? Optional.empty() : Optional.ofNullable(files.get(file));
  }

  /** Notes what a turn is about to read; a file too large to be edited makes no difference. */
  public void reading(String turnId, OpenFile file) throws IOException {
    if (file.attributes().size() > FileEditor.FILE_BYTES_MAX) {
      return;
    }
    file.channel().position(0);
    MessageDigest digest = sha256();
    // Closing the stream would close the file.
    InputStream in = new DigestInputStream(file.stream(), digest);
    in.transferTo(OutputStream.nullOutputStream());
    file.channel().position(0);
    seen(turnId, file.path(), HexFormat.of().formatHex(digest.digest()));
  }

  /** SHA-256 in lower-case hex. */
  public static String hash(byte[] content) {
    return HexFormat.of().formatHex(sha256().digest(content));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

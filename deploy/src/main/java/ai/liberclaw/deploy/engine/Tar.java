package ai.liberclaw.deploy.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Small tars for the engine's archive calls: who owns what, with which mode. */
public final class Tar {
  private final List<Entry> entries = new ArrayList<>();

  /** Where the bytes of a tar come from; it may be packed with gzip. */
  public interface Source {
    void copyTo(OutputStream out) throws IOException;

    static Source of(Path file) {
      return out -> Files.copy(file, out);
    }
  }

  private record Entry(String name, int owner, int mode, Optional<byte[]> content) {}

  /** A directory that belongs to this user and its group. */
  public Tar directory(String name, int owner, int mode) {
    entries.add(new Entry(name + "/", owner, mode, Optional.empty()));
    return this;
  }

  /** A file that belongs to this user and its group. */
  public Tar file(String name, int owner, int mode, String content) {
    entries.add(
        new Entry(name, owner, mode, Optional.of(content.getBytes(StandardCharsets.UTF_8))));
    return this;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The tar. */
  public Source source() {
    byte[] bytes = bytes();
    return out -> out.write(bytes);
  }

  private byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Entry entry : entries) {
        TarArchiveEntry header = new TarArchiveEntry(entry.name());
        header.setIds(entry.owner(), entry.owner());
        header.setMode(entry.mode());
        entry.content().ifPresent(content -> header.setSize(content.length));
        tar.putArchiveEntry(header);
        if (entry.content().isPresent()) {
          tar.write(entry.content().get());
        }
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The text of a tar's first entry, when that is a plain file and all of it is there. */
  static Optional<String> onlyFile(byte[] tar) throws IOException {
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      TarArchiveEntry entry = in.getNextEntry();
      if (entry == null || !entry.isFile() || !isPlain(entry) || entry.getSize() > tar.length) {
        return Optional.empty();
      }
      int size = Math.toIntExact(entry.getSize());
      byte[] text = in.readNBytes(size);
      return text.length == size
          ? Optional.of(new String(text, StandardCharsets.UTF_8))
          : Optional.empty();
    }
  }

  private static boolean isPlain(TarArchiveEntry entry) {
    byte flag = entry.getLinkFlag();
    return flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM;
  }
}

package ai.liberclaw.deploy.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The files of a skill plan as a tar, relative to the agent's data directory. */
final class SkillArchive {
  private static final int FILE_MODE = 0600;

  private SkillArchive() {}

  static void write(OutputStream out, SkillPlan plan) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, String> skill : plan.written().entrySet()) {
        put(tar, "workspace/skills/" + skill.getKey() + "/SKILL.md", skill.getValue());
      }
      put(tar, "managed.json", plan.managedJson());
    }
  }

  private static void put(TarArchiveOutputStream tar, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    entry.setMode(FILE_MODE);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }
}

package ai.liberclaw.agent.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files a new agent finds in its workspace. */
public final class WorkspaceTemplate {
  private static final String RESOURCES = "/ai/liberclaw/agent/workspace/";
  private static final String MEMORY = "memory/MEMORY.md";
  private static final List<String> SKILLS =
      List.of("memory-management", "weather", "web-research");

  private WorkspaceTemplate() {}

  /**
   * Adds what is missing and overwrites nothing. Skills come all together and only where there is
   * no folder for them: an owner who deleted one does not want it back.
   *
   * @throws IOException when the workspace cannot be written
   */
  public static void copyTo(Path workspace) throws IOException {
    Files.createDirectories(workspace);
    copyMissing(MEMORY, workspace.resolve(MEMORY));
    Path skills = workspace.resolve("skills");
    if (Files.exists(skills, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // Renamed when complete, so that a start-up that is cut off leaves no half set of skills.
    Path draft = workspace.resolve(".skills-new");
    delete(draft);
    for (String skill : SKILLS) {
      copyMissing("skills/" + skill + "/SKILL.md", draft.resolve(skill).resolve("SKILL.md"));
    }
    Files.move(draft, skills, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void copyMissing(String resource, Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path folder = target.resolveSibling("");
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      // Tools made it something else: a link is not followed, and a file must not keep the agent
      // from starting.
      return;
    }
    Files.createDirectories(folder);
    try (InputStream in = WorkspaceTemplate.class.getResourceAsStream(RESOURCES + resource)) {
      if (in == null) {
        throw new IllegalStateException("not packaged: " + resource);
      }
      Files.copy(in, target);
    } catch (FileAlreadyExistsException _) {
      // Somebody was faster; theirs stays.
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}

package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Becoming the tools' user, and what the server shares with it.
 *
 * @param setpriv the program that switches
 * @param server the server's own user: root can give files away, another one shares the tools'
 *     user's group
 */
record Identity(ToolsUser user, String setpriv, int server) {
  private static final int FOLDER_MODE = 02775;
  private static final int SET_ID_BITS = 06000;
  private static final int GROUP_MAY_WRITE = 0020;

  private boolean fromRoot() {
    return server == 0;
  }

  /**
   * The command line that runs this one as the user, without any capability and without a way to
   * get one.
   *
   * @param bounded whether the server may also empty the set of capabilities that root could have
   */
  List<String> become(List<String> command, boolean bounded) {
    List<String> line =
        new ArrayList<>(
            List.of(
                setpriv,
                "--reuid=" + user.id(),
                "--regid=" + user.group(),
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--ambient-caps=-all"));
    if (bounded && fromRoot()) {
      line.add("--bounding-set=-all");
    }
    line.add("--");
    if (!fromRoot()) {
      // What tools write must be writable to the server, which is in their group.
      line.addAll(List.of("/bin/sh", "-c", "umask 002; exec \"$@\"", "sh"));
    }
    line.addAll(command);
    return line;
  }

  /** Gives a file or folder of the workspace to the user, or to its group where that is all. */
  Handover handover() {
    return path -> {
      boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
      if (!folder && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      // A second name may be one that a tool gave to somebody else's file.
      if (!folder && (int) attribute(path, "nlink") > 1) {
        return;
      }
      if (fromRoot()) {
        if ((int) attribute(path, "uid") != user.id()) {
          set(path, "gid", user.group());
          set(path, "uid", user.id());
        }
      } else if ((int) attribute(path, "uid") == server) {
        int mode = (int) attribute(path, "mode") & 0777;
        set(path, "gid", user.group());
        set(path, "mode", folder ? mode | FOLDER_MODE : (mode | GROUP_MAY_WRITE) & ~SET_ID_BITS);
      }
    };
  }

  /** Lets the user's group use a file of the server's. */
  void share(Path path, int mode) throws IOException {
    set(path, "gid", user.group());
    // The form that does not follow links would open the file, and an open of a pipe waits. Only
    // the server makes names in the folder.
    Files.setAttribute(path, "unix:mode", mode);
  }

  private static Object attribute(Path path, String name) throws IOException {
    return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }

  private static void set(Path path, String name, int value) throws IOException {
    Files.setAttribute(path, "unix:" + name, value, LinkOption.NOFOLLOW_LINKS);
  }
}

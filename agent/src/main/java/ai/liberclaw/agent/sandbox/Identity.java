package ai.liberclaw.agent.sandbox;

import ai.liberclaw.agent.workspace.Handover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Becoming the tools' user, and what the server shares with it.
 *
 * @param setpriv the program that switches
 * @param server the server's own user: root can give files away, another one shares the tools'
 *     user's group
 */
record Identity(ToolsUser user, String setpriv, int server) {
  private static final int FOLDER_MODE = 02775;

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
    return (folder, path) -> {
      PosixFileAttributeView view =
          folder.getFileAttributeView(
              path.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      PosixFileAttributes found = view.readAttributes();
      if (!found.isDirectory() && !found.isRegularFile()) {
        return;
      }
      if (!found.isDirectory() && hasOtherNames(path, found)) {
        return;
      }
      UserPrincipalLookupService users = path.getFileSystem().getUserPrincipalLookupService();
      GroupPrincipal group = users.lookupPrincipalByGroupName(Integer.toString(user.group()));
      if (fromRoot()) {
        UserPrincipal owner = users.lookupPrincipalByName(Integer.toString(user.id()));
        if (!found.owner().equals(owner)) {
          view.setGroup(group);
          view.setOwner(owner);
        }
      } else if (found.owner().equals(users.lookupPrincipalByName(Integer.toString(server)))) {
        view.setGroup(group);
        Set<PosixFilePermission> mode = EnumSet.copyOf(found.permissions());
        mode.add(PosixFilePermission.GROUP_WRITE);
        view.setPermissions(mode);
        if (found.isDirectory() && isStill(path, found)) {
          // What is made inside is the group's too; the other form cannot say that.
          set(path, "mode", ((int) attribute(path, "mode") & 0777) | FOLDER_MODE);
        }
      }
    };
  }

  /** A second name may be one that a tool gave to somebody else's file. */
  private static boolean hasOtherNames(Path path, PosixFileAttributes found) throws IOException {
    return !isStill(path, found) || (int) attribute(path, "nlink") > 1;
  }

  private static boolean isStill(Path path, PosixFileAttributes found) throws IOException {
    Object key = found.fileKey();
    return key != null && key.equals(attribute(path, "fileKey"));
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

package ai.liberclaw.agent.tool.shell;

import java.nio.file.Path;
import java.util.List;

/** The shell text that keeps a persistent shell and gives it commands. */
final class ShellScripts {
  /**
   * Keeps one shell running, which reads its orders where this one would, and answers where this
   * one does. Whatever a command does to its shell, this tells of it and starts the next. Ends when
   * nobody listens any more.
   */
  private static final String KEEPER =
      """
      while :; do
        "$1" --norc --noprofile -s 4>&1 >/dev/null 2>&1
        printf 'ended %s\\n' "$?" || exit
      done
      """;

  /**
   * One order, on one line, because a shell reads line by line. The command comes from a file, so
   * nothing in it can end the order early; it gets streams of its own and neither the orders nor
   * the answers, also not when it redirects its shell. It is not in a loop or function, which it
   * could leave. Options that a former script has set do not hold for the next one.
   */
  private static final String ORDER =
      "builtin set +euxv +o pipefail; builtin printf 'begun %%s\\n' \"$$\" >&4; builtin export "
          + Children.MARK
          + "='%1$s'; IFS= builtin read -r -d '' __liberclaw <'%2$s.sh'; builtin eval \"$__liberclaw\" </dev/null"
          + " >'%2$s.out' 2>'%2$s.err' 4>&-; builtin printf 'done %%s %%s\\n' \"$?\""
          + " \"${PWD//$'\\n'/?}\" >&4\n";

  private ShellScripts() {}

  static List<String> keeper(String bash) {
    return List.of(bash, "--norc", "--noprofile", "-c", KEEPER, "liberclaw-shell", bash);
  }

  /**
   * @param mark for the command's environment
   * @param base the path of the command's files, without their endings
   */
  static String order(String mark, Path base) {
    return String.format(ORDER, mark, base.toString().replace("'", "'\\''"));
  }
}

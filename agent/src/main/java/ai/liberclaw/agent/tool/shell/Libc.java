package ai.liberclaw.agent.tool.shell;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The POSIX calls the JDK has no name for: {@code kill}, {@code pipe}, {@code close} and {@code
 * mkfifo}.
 */
final class Libc {
  static final int SIGKILL = 9;
  static final int SIGTERM = 15;

  private final MethodHandle kill;
  private final MethodHandle pipe;
  private final MethodHandle close;
  private final MethodHandle mkfifo;

  Libc() {
    kill =
        function(
            "kill",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    pipe = function("pipe", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    close = function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    mkfifo =
        function(
            "mkfifo",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  // The jar's manifest permits it.
  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor shape) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape);
  }

  /** Sends a signal to every process of a group; false when there is none. 0 only asks. */
  boolean signalGroup(long group, int signal) {
    if (group <= 1) {
      throw new IllegalArgumentException("not a process group of a tool: " + group);
    }
    return send(-group, signal);
  }

  /** Sends a signal to one process; false when it is not there. */
  boolean signal(long pid, int signal) {
    if (pid <= 1) {
      throw new IllegalArgumentException("not a process of a tool: " + pid);
    }
    return send(pid, signal);
  }

  private boolean send(long target, int signal) {
    try {
      return (int) kill.invokeExact(Math.toIntExact(target), signal) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("kill", e);
    }
  }

  /** Two descriptors: the end to read from, the end to write to. Children do not inherit them. */
  int[] pipe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
      if ((int) pipe.invokeExact(ends) != 0) {
        throw new IllegalStateException("no more pipes");
      }
      return ends.toArray(ValueLayout.JAVA_INT);
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("pipe", e);
    }
  }

  /** Makes a pipe with a name, for its owner alone. */
  void makePipe(Path path) throws IOException {
    int result;
    try (Arena arena = Arena.ofConfined()) {
      result = (int) mkfifo.invokeExact(arena.allocateFrom(path.toString()), 0600);
    } catch (Throwable e) {
      throw new IllegalStateException("mkfifo", e);
    }
    if (result != 0) {
      throw new IOException("a pipe cannot be made");
    }
  }

  void close(int descriptor) {
    try {
      int _ = (int) close.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException("close", e);
    }
  }
}

package ai.liberclaw.core.secret;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * The block of memory in which the system handed this process its environment. Other processes of
 * the same user read it through {@code /proc/<pid>/environ}, so a server empties its secrets there
 * once it has read them.
 */
public final class EnvironmentBlock {
  private EnvironmentBlock() {}

  /**
   * Overwrites the values of these variables with zero bytes. {@link System#getenv()} keeps its
   * copy. Must run before any other thread may call C's {@code getenv} for them.
   *
   * @return true when none of the variables has a value in the block any more; false where this
   *     platform or Java offers no way (Windows, native access denied)
   */
  @SuppressWarnings("restricted")
  public static boolean empty(Collection<String> names) {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows")) {
      return false;
    }
    // Java copies the block when it is first asked for; afterwards there would be nothing to copy.
    System.getenv();
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> function = linker.defaultLookup().find("getenv");
      if (function.isEmpty()) {
        return false;
      }
      MethodHandle getenv =
          linker.downcallHandle(
              function.get(), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
      for (String name : names) {
        MemorySegment value = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
        if (value.address() != 0) {
          MemorySegment text = value.reinterpret(Long.MAX_VALUE);
          long length = 0;
          while (text.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
          }
          text.asSlice(0, length).fill((byte) 0);
        }
      }
      return true;
    } catch (IllegalCallerException | UnsupportedOperationException e) {
      return false;
    } catch (Throwable e) {
      throw new IllegalStateException("getenv could not be called", e);
    }
  }
}

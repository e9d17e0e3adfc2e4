package ai.liberclaw.agent.tool.shell;

import java.io.IOException;

/** Where the output of a child goes. Written to by one thread. */
@FunctionalInterface
public interface Sink {
  /** Takes the first bytes of this buffer, which is used again afterwards. */
  void write(byte[] bytes, int count) throws IOException;
}

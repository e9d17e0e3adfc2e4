package ai.liberclaw.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;

/** What has been opened, to be closed the other way round. */
final class Parts implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Parts.class.getName());

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T part) {
    opened.push(part);
    return part;
  }

  /** Closes all; one that fails keeps none of the others open. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LOG.log(Level.WARNING, "agent.part_not_closed", e);
      }
    }
  }
}

package ai.liberclaw.agent.tool.shell;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** What guard rails know of a persistent shell: which variables former scripts may have set. */
public final class ShellMemory {
  private static final int NAMES_MAX = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Set<String> names = new HashSet<>();
  private boolean anything;

  /** The shell is a new one. */
  public void clear() {
    lock.lock();
    try {
      names.clear();
      anything = false;
    } finally {
      lock.unlock();
    }
  }

  void add(Set<String> more, boolean anythingElse) {
    lock.lock();
    try {
      names.addAll(more);
      anything |= anythingElse || names.size() > NAMES_MAX;
    } finally {
      lock.unlock();
    }
  }

  Set<String> names() {
    lock.lock();
    try {
      return Set.copyOf(names);
    } finally {
      lock.unlock();
    }
  }

  boolean anything() {
    lock.lock();
    try {
      return anything;
    } finally {
      lock.unlock();
    }
  }
}

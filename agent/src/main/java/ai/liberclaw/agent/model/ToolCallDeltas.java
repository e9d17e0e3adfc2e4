package ai.liberclaw.agent.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Puts tool calls together from the fragments in which providers send them. */
final class ToolCallDeltas {
  private static final String NAMELESS = "unknown";

  private final List<Call> calls = new ArrayList<>();

  /** One fragment; what a provider did not say is null. */
  static final class Fragment {
    @Nullable Integer index;
    @Nullable String id;
    @Nullable String name;
    @Nullable String arguments;
  }

  private static final class Call {
    final @Nullable Integer index;
    String id = "";
    String name = "";
    final StringBuilder arguments = new StringBuilder();

    Call(@Nullable Integer index) {
      this.index = index;
    }
  }

  /**
   * Adds a fragment to the call it belongs to.
   *
   * @param whole the fragment is a call of its own
   */
  void add(Fragment fragment, boolean whole) {
    String id = fragment.id == null ? "" : fragment.id;
    String name = fragment.name == null ? "" : fragment.name;
    Call call = whole ? null : find(fragment.index, id, name);
    if (call == null) {
      call = new Call(fragment.index);
      calls.add(call);
    }
    if (call.id.isEmpty()) {
      call.id = id;
    }
    if (name.startsWith(call.name)) {
      call.name = name;
    } else if (!call.name.startsWith(name)) {
      call.name += name;
    }
    if (fragment.arguments != null) {
      call.arguments.append(fragment.arguments);
    }
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  /**
   * The calls in their order.
   *
   * @param lengthReached the reply ended at its token limit, so that a call may be cut off
   */
  List<ToolCall> finish(boolean lengthReached) {
    Set<String> ids = new HashSet<>();
    List<ToolCall> finished = new ArrayList<>(calls.size());
    for (Call call : calls) {
      String arguments = call.arguments.toString();
      if (call.name.isEmpty() && arguments.isBlank()) {
        continue;
      }
      boolean cutOff = lengthReached && !JsonText.isValid(arguments);
      String id = call.id;
      while (id.isEmpty() || !ids.add(id)) {
        id = "call_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      }
      finished.add(
          new ToolCall(
              id,
              call.name.isEmpty() ? NAMELESS : call.name,
              arguments.isBlank() && !cutOff ? "{}" : arguments,
              cutOff));
    }
    return finished;
  }

  private @Nullable Call find(@Nullable Integer index, String id, String name) {
    if (index != null) {
      Call call = lastWithIndex(index);
      // Some providers number every call 0; a second id under one number is a second call.
      boolean other = call != null && !id.isEmpty() && !call.id.isEmpty() && !call.id.equals(id);
      return other ? null : call;
    }
    if (!id.isEmpty()) {
      for (Call call : calls) {
        if (call.id.equals(id)) {
          return call;
        }
      }
    }
    if (calls.isEmpty()) {
      return null;
    }
    Call last = calls.getLast();
    if (!id.isEmpty() && !last.id.isEmpty()) {
      return null;
    }
    boolean begins =
        !name.isEmpty()
            && !last.name.isEmpty()
            && (!last.name.equals(name) || JsonText.isValid(last.arguments.toString()));
    return begins ? null : last;
  }

  private @Nullable Call lastWithIndex(int index) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      Integer own = calls.get(i).index;
      if (own != null && own == index) {
        return calls.get(i);
      }
    }
    return null;
  }
}

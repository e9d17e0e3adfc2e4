package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.WorkspaceRefusal;
import ai.liberclaw.core.secret.Mask;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * A result of any length under construction. Secrets are masked as text comes in; the two ends are
 * kept in memory; once it is longer than a result may be, all of it goes into a file too.
 */
final class BoundedText implements AutoCloseable {
  /** Characters a result may have before its middle is left out. */
  static final int LENGTH_MAX = 30_000;

  /** Characters saved in a file; of a longer result the middle is lost. */
  static final long SAVED_LENGTH_MAX = 64L << 20;

  private static final int END_LENGTH = LENGTH_MAX / 2;

  /** Longer than any secret, so that one which arrives in two parts is seen. */
  private static final int HELD_BACK = 8 * 1024;

  private static final int WORK_LENGTH = 64 * 1024;
  private static final Logger LOG = System.getLogger(BoundedText.class.getName());

  private final ToolResultFiles files;
  private final String tool;
  private final Mask mask;
  private final StringBuilder incoming = new StringBuilder();
  private char last = '\n';

  /** All of it while it is short, then its start. */
  private final StringBuilder head = new StringBuilder();

  private final StringBuilder tail = new StringBuilder();
  private long length;
  private ToolResultFiles.@Nullable Saving saving;
  private boolean failed;

  BoundedText(ToolResultFiles files, String tool, Mask mask) {
    this.files = files;
    this.tool = tool;
    this.mask = mask;
  }

  BoundedText append(CharSequence text) {
    for (int at = 0; at < text.length(); at += WORK_LENGTH) {
      incoming.append(text, at, Math.min(text.length(), at + WORK_LENGTH));
      if (incoming.length() >= WORK_LENGTH) {
        pass(HELD_BACK);
      }
    }
    if (!text.isEmpty()) {
      last = text.charAt(text.length() - 1);
    }
    return this;
  }

  /** Ends the line that has been begun, if one has. */
  BoundedText newLine() {
    return last == '\n' ? this : append("\n");
  }

  private void pass(int heldBack) {
    String masked = mask.mask(incoming.toString());
    int end = Math.max(0, masked.length() - heldBack);
    incoming.setLength(0);
    incoming.append(masked, end, masked.length());
    keep(masked.substring(0, end));
  }

  private void keep(String text) {
    boolean wasShort = length <= LENGTH_MAX;
    length += text.length();
    if (length <= LENGTH_MAX) {
      head.append(text);
      return;
    }
    if (wasShort) {
      head.append(text);
      save(head);
      tail.append(head, END_LENGTH, head.length());
      head.setLength(END_LENGTH);
    } else {
      save(text);
      tail.append(text);
    }
    if (tail.length() > 4 * END_LENGTH) {
      // One more than is shown, to see whether the cut splits a pair.
      tail.delete(0, tail.length() - END_LENGTH - 1);
    }
  }

  private void save(CharSequence text) {
    if (failed || length - text.length() > SAVED_LENGTH_MAX) {
      return;
    }
    try {
      ToolResultFiles.Saving out = saving;
      if (out == null) {
        out = files.create(tool);
        saving = out;
      }
      out.writer().append(text);
    } catch (IOException | WorkspaceRefusal e) {
      failed(e);
    }
  }

  private void failed(Exception e) {
    failed = true;
    LOG.log(Level.WARNING, "tool.result_not_saved tool={0} reason={1}", tool, e.toString());
  }

  /** The result as the model gets it. */
  String finish() {
    pass(0);
    if (length <= LENGTH_MAX) {
      return head.toString();
    }
    String end = Cut.tail(tail.toString(), END_LENGTH);
    String where = "it could not be saved";
    ToolResultFiles.Saving out = saving;
    if (out != null && !failed) {
      try {
        if (length > SAVED_LENGTH_MAX) {
          out.writer().append("\n[... middle dropped ...]\n").append(end);
        }
        out.keep();
        where = "full output: " + out.name();
      } catch (IOException | WorkspaceRefusal e) {
        failed(e);
      }
      files.prune();
    }
    return Cut.head(head.append(tail.charAt(0)).toString(), END_LENGTH)
        + "\n\n[... truncated: "
        + length
        + " characters in total, "
        + where
        + " ...]\n\n"
        + end;
  }

  @Override
  public void close() throws IOException {
    if (saving != null) {
      saving.close();
    }
  }
}

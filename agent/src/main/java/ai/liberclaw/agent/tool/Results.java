package ai.liberclaw.agent.tool;

import ai.liberclaw.agent.workspace.Workspace;
import ai.liberclaw.core.secret.Mask;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Where tools build results that may be long. */
public final class Results {
  private final ToolResultFiles files;
  private final Mask mask;

  public Results(Workspace workspace, Mask mask) {
    this.files = new ToolResultFiles(workspace);
    this.mask = mask;
  }

  /** A new result; close it after use. */
  BoundedText open(String tool) {
    return new BoundedText(files, tool, mask);
  }

  /** The text as the model may see it. */
  String bound(String tool, String text) {
    if (text.length() <= BoundedText.LENGTH_MAX) {
      String masked = mask.mask(text);
      if (masked.length() <= BoundedText.LENGTH_MAX) {
        return masked;
      }
    }
    try (BoundedText bounded = open(tool)) {
      return bounded.append(text).finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String mask(String text) {
    return mask.mask(text);
  }
}

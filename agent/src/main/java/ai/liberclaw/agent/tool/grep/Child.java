package ai.liberclaw.agent.tool.grep;

import java.io.IOException;
import java.util.List;

/** Makes children ready to be started: in the workspace, with their whole environment. */
@FunctionalInterface
public interface Child {
  ProcessBuilder of(List<String> command) throws IOException;
}

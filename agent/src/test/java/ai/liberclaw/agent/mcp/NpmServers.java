package ai.liberclaw.agent.mcp;

import ai.liberclaw.testkit.npm.NpmPackages;
import java.io.IOException;
import java.nio.file.Path;

/** Public MCP servers, in the versions of {@code src/test/npm}. */
final class NpmServers {
  private NpmServers() {}

  /**
   * The program of one.
   *
   * @param name such as {@code server-everything}
   */
  static Path program(String name) throws IOException, InterruptedException {
    return NpmPackages.installed()
        .resolve("node_modules/@modelcontextprotocol/" + name + "/dist/index.js");
  }
}

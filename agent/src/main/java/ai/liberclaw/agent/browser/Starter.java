package ai.liberclaw.agent.browser;

import ai.liberclaw.agent.tool.shell.ChildServers;
import ai.liberclaw.core.http.AddressPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/** Starts Chromium with its own sandbox, and without only once that has not worked. */
final class Starter implements ChatPages.Launcher {
  private static final Logger LOG = System.getLogger(Starter.class.getName());

  private final ChildServers servers;
  private final String program;
  private final AddressPolicy policy;
  private final AtomicBoolean ownSandbox;

  /**
   * @param root whether Chromium will be root, for whom it never uses its own sandbox
   */
  Starter(ChildServers servers, String program, AddressPolicy policy, boolean root) {
    this.servers = servers;
    this.program = program;
    this.policy = policy;
    this.ownSandbox = new AtomicBoolean(!root);
  }

  @Override
  public Chromium launch(Deadline deadline) throws IOException, InterruptedException {
    if (ownSandbox.get()) {
      try {
        return Chromium.start(servers, program, true, policy, deadline);
      } catch (BrowserFault e) {
        if (deadline.left() == 0) {
          // It may have been slow; that is no reason to go without.
          throw e;
        }
        LOG.log(Level.INFO, "browser.own_sandbox_unusable");
      }
    }
    Chromium started = Chromium.start(servers, program, false, policy, deadline);
    ownSandbox.set(false);
    return started;
  }
}

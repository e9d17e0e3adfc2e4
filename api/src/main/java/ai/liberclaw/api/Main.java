package ai.liberclaw.api;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.DotEnv;
import ai.liberclaw.core.log.Logging;
import ai.liberclaw.core.secret.EnvironmentBlock;
import ai.liberclaw.core.web.HeaderValues;
import ai.liberclaw.db.DatabaseException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Starts the API server from the environment, and stops it on SIGTERM or Ctrl-C. */
public final class Main {
  private static final Logger LOG = System.getLogger(Main.class.getName());
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_REFUSED = 2;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    boolean json = "json".equalsIgnoreCase(System.getenv(Logging.FORMAT_VARIABLE));
    if (args.length > 0) {
      Logging.toStandardError(json);
      System.exit(Commands.standard().run(List.of(args)));
    }
    Logging.toStandardOutput(json);
    ApiServer server;
    ApiConfig config;
    try {
      Map<String, String> environment =
          ApiConfig.withDevSecrets(DotEnv.merge(System.getenv(), Path.of(".env")));
      config = ApiConfig.fromEnv(environment);
      boolean emptied = EnvironmentBlock.empty(ApiConfig.secretNames());
      if (!emptied) {
        LOG.log(Level.WARNING, "environment.not_emptied");
      }
      HeaderValues.prepare();
      server = ApiServer.start(config);
    } catch (ConfigException | DatabaseException | StartException e) {
      System.err.println(e.getMessage());
      System.exit(EXIT_REFUSED);
      return;
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "server.not_started", e);
      System.exit(EXIT_FAILED);
      return;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    // Helidon's own hook is off: it would run beside this one, and the order matters.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  server.close();
                  stopped.countDown();
                }));
    LOG.log(
        Level.INFO,
        "server.started address={0} port={1}",
        config.host(),
        String.valueOf(server.port()));
    if (config.control().devMode()) {
      System.out.println(Welcome.text(config, server.port()));
    }
    stopped.await();
  }
}

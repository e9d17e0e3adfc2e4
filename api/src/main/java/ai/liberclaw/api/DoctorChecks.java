package ai.liberclaw.api;

import ai.liberclaw.api.doctor.Check;
import ai.liberclaw.api.doctor.DoctorCommand;
import ai.liberclaw.api.doctor.LookedAtDatabase;
import ai.liberclaw.api.doctor.MachineChecks;
import ai.liberclaw.api.doctor.ModelChecks;
import ai.liberclaw.api.doctor.PlatformChecks;
import ai.liberclaw.api.doctor.WebChecks;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.model.ModelSettings;
import ai.liberclaw.deploy.model.Upstream;
import ai.liberclaw.deploy.model.UpstreamKind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code doctor} looks at, for one configuration. */
final class DoctorChecks {
  private DoctorChecks() {}

  static DoctorCommand command() {
    return new DoctorCommand(environment -> of(ApiConfig.fromEnv(environment), environment));
  }

  private static DoctorCommand.Examined of(ApiConfig config, Map<String, String> environment) {
    Clock clock = Clock.systemUTC();
    LookedAtDatabase database = new LookedAtDatabase(config.databaseUrl(), clock);
    WebChecks web = new WebChecks(clock);
    ModelSettings models = config.control().services();
    String usual = config.control().defaultModel();
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("secrets", () -> PlatformChecks.secrets(secrets(config))));
    int connections = new PlatformDatabase.Settings(config.databaseUrl()).poolSize();
    checks.add(new Check("database", () -> PlatformChecks.database(database, connections)));
    checks.add(new Check("keys", () -> PlatformChecks.keys(database, config.control().keys())));
    checks.add(
        new Check(
            "mail",
            () ->
                PlatformChecks.mail(config.mail(), config.signIn().magicLinkSecret().isPresent())));
    checks.add(
        new Check(
            "providers", () -> PlatformChecks.providers(database, config.control(), environment)));
    checks.add(new Check("alarms", () -> PlatformChecks.alarms(database)));
    checks.add(new Check("models", () -> ModelChecks.all(models, usual)));
    checks.add(new Check("server", () -> web.server(config.host(), config.port())));
    if (!config.control().devMode()) {
      // Development has no public names.
      checks.add(
          new Check(
              "addresses",
              () ->
                  web.addresses(
                      config.oauth().apiUrl(), config.signIn().frontend(), config.corsOrigins())));
    }
    Optional<URI> clockOf =
        models.primary().stream()
            .filter(service -> service.kind() != UpstreamKind.OFFLINE)
            .map(Upstream::baseUrl)
            .findFirst();
    checks.add(new Check("clock", () -> web.time(clockOf, database.ahead())));
    boolean here = config.control().providers().contains("process");
    MachineChecks.all(config.control().dataDir(), Path.of(".env"), environment).stream()
        .filter(check -> here || !check.name().equals("sandbox"))
        .forEach(checks::add);
    return new DoctorCommand.Examined(checks, database::close);
  }

  private static Map<String, String> secrets(ApiConfig config) {
    Map<String, String> secrets = new LinkedHashMap<>();
    secrets.put("LIBERCLAW_JWT_SECRET", config.signIn().jwtSecrets().getFirst());
    config
        .signIn()
        .magicLinkSecret()
        .ifPresent(secret -> secrets.put("LIBERCLAW_MAGIC_LINK_SECRET", secret));
    return secrets;
  }
}

package ai.liberclaw.api.doctor;

import ai.liberclaw.api.mail.MailException;
import ai.liberclaw.api.mail.MailSettings;
import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.ControlPlane;
import ai.liberclaw.deploy.ControlPlaneConfig;
import ai.liberclaw.deploy.alarm.Alarm;
import ai.liberclaw.deploy.alarm.Alarms;
import ai.liberclaw.deploy.keyring.KeyRotation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the platform itself needs: its database, its secrets, mail, and places for agents. */
public final class PlatformChecks {
  private static final int SECRET_CHARACTERS_MIN = 10;
  private static final List<Finding> AFTER_DATABASE =
      List.of(Finding.skip("after the database is in order"));

  private PlatformChecks() {}

  /**
   * The database as it was found.
   *
   * @param connections how many this server opens at most
   */
  public static List<Finding> database(LookedAtDatabase database, int connections)
      throws InterruptedException {
    LookedAtDatabase.Sight sight = database.sight();
    if (sight.problem().isPresent()) {
      return List.of(
          Finding.fail(
              sight.problem().get(),
              "Check LIBERCLAW_DATABASE_URL, and whether PostgreSQL runs: systemctl status"
                  + " postgresql"));
    }
    if (sight.look().isEmpty()) {
      return List.of(Finding.ok("will be made by the first start"));
    }
    PlatformDatabase.Look look = sight.look().get();
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("PostgreSQL " + look.version() + " answers"));
    if (!look.encoding().equals("UTF8")) {
      findings.add(
          Finding.fail(
              "the database's encoding is " + look.encoding(),
              "Names and prompts hold any character: make it anew with encoding UTF8."));
    }
    if (look.connectionsMax() < 2 * connections) {
      findings.add(
          Finding.warn(
              "the database allows %d connections, a server uses up to %d"
                  .formatted(look.connectionsMax(), connections),
              "Raise max_connections before you start a second server or the bot."));
    }
    findings.add(migrations(look));
    return findings;
  }

  private static Finding migrations(PlatformDatabase.Look look) {
    if (!look.migrations().failed().isEmpty()) {
      return Finding.fail(
          "migration " + String.join(", ", look.migrations().failed()) + " broke off",
          "Restore the backup from before the upgrade, and report the log of the start.");
    }
    if (!look.migrations().pending().isEmpty()) {
      return Finding.warn(
          "migrations wait: " + String.join(", ", look.migrations().pending()),
          "The next start of a server of this release applies them. Make a backup before.");
    }
    if (!look.migrations().newer().isEmpty()) {
      return Finding.warn(
          "a newer release has migrated this database: "
              + String.join(", ", look.migrations().newer()),
          "This release still works on it. Go back to the newer one when you can.");
    }
    return Finding.ok("all migrations are applied");
  }

  /** Whether the key ring reads what is stored. */
  public static List<Finding> keys(LookedAtDatabase database, FernetKeys keys)
      throws InterruptedException {
    Optional<PlatformDatabase> open = database.opened();
    if (open.isEmpty()) {
      return AFTER_DATABASE;
    }
    long older = 0;
    long current = 0;
    List<Finding> findings = new ArrayList<>();
    for (KeyRotation.Count count : new KeyRotation(open.get().dsl(), keys).count()) {
      older += count.older();
      current += count.current();
      if (count.unreadable() > 0) {
        findings.add(
            Finding.fail(
                count.unreadable() + " secrets in " + count.column() + " cannot be read",
                "LIBERCLAW_ENCRYPTION_KEY lacks the key they are under: put it back, after a comma"
                    + " behind the current one."));
      }
    }
    if (older > 0) {
      findings.add(
          Finding.warn(
              older + " secrets are under an older key",
              "liberclaw keys rotate brings them under the current one."));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(current + " secrets, all under the current key"));
    }
    return findings;
  }

  /**
   * Secrets that are set but no good.
   *
   * @param named by the names of their variables
   */
  public static List<Finding> secrets(Map<String, String> named) {
    List<Finding> findings = new ArrayList<>();
    named.forEach((name, secret) -> {
      if (secret.chars().distinct().count() < SECRET_CHARACTERS_MIN) {
        findings.add(
            Finding.fail(
                name + " can be guessed: it has few different characters",
                "Make a random one: openssl rand -hex 32"));
      }
      Collection<String> others = named.values();
      if (others.stream().filter(secret::equals).count() > 1) {
        findings.add(
            Finding.warn(
                name + " has the value of another secret",
                "Each needs a value of its own: who learns one must not have the others."));
      }
    });
    return findings.isEmpty() ? List.of(Finding.ok("no secret looks weak")) : findings;
  }

  /**
   * Whether sign-in mails would leave.
   *
   * @param wanted whether people may sign in by mail
   */
  public static List<Finding> mail(MailSettings mail, boolean wanted) {
    String unset = "Set LIBERCLAW_SMTP_HOST or LIBERCLAW_RESEND_API_KEY.";
    if (!wanted) {
      return List.of(
          Finding.warn(
              "nobody can sign in by mail", "Set LIBERCLAW_MAGIC_LINK_SECRET, and a mail server."));
    }
    if (mail.smtp().isEmpty() && mail.resendKey().isEmpty()) {
      return List.of(
          mail.console()
              ? Finding.ok("mails are printed: development mode")
              : Finding.fail("there is no way out for sign-in mails", unset));
    }
    try {
      mail.reach();
    } catch (MailException e) {
      return List.of(
          Finding.fail(
              String.valueOf(e.getMessage()),
              e.permanent()
                  ? "Check LIBERCLAW_SMTP_USER and LIBERCLAW_SMTP_PASSWORD."
                  : "Check LIBERCLAW_SMTP_HOST and LIBERCLAW_SMTP_PORT, and whether this machine"
                      + " may reach them; with LIBERCLAW_SMTP_USE_TLS the certificate must be"
                      + " valid."));
    }
    return List.of(
        mail.smtp().isPresent()
            ? Finding.ok("the mail server takes our login")
            : Finding.ok("mails leave through Resend; that its key is good shows with the first"));
  }

  /** What servers have raised and not cleared: credits that run out, machines nobody owns. */
  public static List<Finding> alarms(LookedAtDatabase database) throws InterruptedException {
    Optional<PlatformDatabase> open = database.opened();
    if (open.isEmpty()) {
      return AFTER_DATABASE;
    }
    String advice = "It is cleared by itself when it is over.";
    List<Finding> findings =
        new Alarms(open.get().dsl()).open().stream().map(alarm -> finding(alarm, advice)).toList();
    return findings.isEmpty() ? List.of(Finding.ok("no alarm is raised")) : findings;
  }

  private static Finding finding(Alarm alarm, String advice) {
    String text = alarm.name() + ": " + alarm.message();
    return switch (alarm.level()) {
      case WARNING -> Finding.warn(text, advice);
      case CRITICAL -> Finding.fail(text, advice);
    };
  }

  /** Whether agents can be deployed. */
  public static List<Finding> providers(
      LookedAtDatabase database, ControlPlaneConfig config, Map<String, String> environment)
      throws InterruptedException {
    Optional<PlatformDatabase> open = database.opened();
    if (open.isEmpty()) {
      return AFTER_DATABASE;
    }
    List<Finding> findings = new ArrayList<>();
    try {
      ControlPlane.missing(config, open.get(), environment)
          .forEach((name, missing) ->
              findings.add(
                  missing
                      .map(reason ->
                          Finding.fail(
                              "provider " + name + ": " + reason,
                              "No agent can be created there. Set what it needs, or take it out of"
                                  + " LIBERCLAW_PROVIDERS."))
                      .orElseGet(() -> Finding.ok("provider " + name + " can take agents"))));
    } catch (ConfigException e) {
      // Of the data directory, which has a check of its own.
      return List.of(Finding.skip("after the disk is in order"));
    }
    return findings;
  }
}

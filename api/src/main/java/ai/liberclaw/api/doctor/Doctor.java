package ai.liberclaw.api.doctor;

import ai.liberclaw.core.error.ErrorId;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs checks, all at the same time, each for no longer than a while. */
public final class Doctor {
  private static final Logger LOG = System.getLogger(Doctor.class.getName());

  private final Duration checkTimeMax;

  /**
   * @param checkTimeMax after which a check has failed
   */
  public Doctor(Duration checkTimeMax) {
    this.checkTimeMax = checkTimeMax;
  }

  /** What all checks found, by name in their order. */
  public record Report(Map<String, List<Finding>> findings) {
    public Report {
      findings = new LinkedHashMap<>(findings);
    }

    long count(Finding.Level level) {
      return findings.values().stream()
          .flatMap(List::stream)
          .filter(finding -> finding.level() == level)
          .count();
    }

    /** Whether nothing failed. */
    public boolean sound() {
      return count(Finding.Level.FAIL) == 0;
    }

    String text() {
      StringBuilder text = new StringBuilder();
      findings.forEach((name, list) ->
          list.forEach(finding -> {
            text.append("%-4s  %-13s %s%n".formatted(finding.level().word(), name, finding.text()));
            finding
                .advice()
                .ifPresent(advice -> text.append("%-19s -> %s%n".formatted("", advice)));
          }));
      return text.append(
              "%n%d in order, %d to look at, %d failed, %d not looked at%n"
                  .formatted(
                      count(Finding.Level.OK),
                      count(Finding.Level.WARN),
                      count(Finding.Level.FAIL),
                      count(Finding.Level.SKIP)))
          .toString();
    }

    ObjectNode json() {
      ObjectNode json = Json.object().put("sound", sound());
      ArrayNode list = json.putArray("findings");
      findings.forEach((name, found) ->
          found.forEach(finding -> {
            ObjectNode one =
                list.addObject()
                    .put("check", name)
                    .put("level", finding.level().word())
                    .put("text", finding.text());
            finding.advice().ifPresent(advice -> one.put("advice", advice));
          }));
      return json;
    }
  }

  /** Runs them all. */
  public Report run(List<Check> checks) throws InterruptedException {
    List<FutureTask<List<Finding>>> tasks = new ArrayList<>();
    for (Check check : checks) {
      FutureTask<List<Finding>> task = new FutureTask<>(check.examination()::findings);
      Thread.ofVirtual().name("doctor-" + check.name()).start(task);
      tasks.add(task);
    }
    long deadline = System.nanoTime() + checkTimeMax.toNanos();
    Map<String, List<Finding>> findings = new LinkedHashMap<>();
    try {
      for (int i = 0; i < checks.size(); i++) {
        String name = checks.get(i).name();
        findings
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .addAll(result(name, tasks.get(i), deadline));
      }
    } finally {
      tasks.forEach(task -> task.cancel(true));
    }
    return new Report(findings);
  }

  private List<Finding> result(String name, FutureTask<List<Finding>> task, long deadline)
      throws InterruptedException {
    try {
      return task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return List.of(
          Finding.fail(
              "no result within " + checkTimeMax.toSeconds() + " s",
              "Something this check asks does not answer: a name server, a mount, a firewall."));
    } catch (ExecutionException e) {
      // Its own text could hold anything; the log has it.
      String id = ErrorId.next();
      LOG.log(Logger.Level.ERROR, "doctor.check_failed check=" + name + " id=" + id, e.getCause());
      return List.of(Finding.fail("unexpected error " + id, "The log of this command says more."));
    }
  }
}

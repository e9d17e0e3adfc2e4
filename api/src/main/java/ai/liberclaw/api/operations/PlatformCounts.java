package ai.liberclaw.api.operations;

import java.util.Map;

/**
 * What the database held at one moment. States without rows are absent.
 *
 * @param agents by wire state
 * @param jobs deployments that are queued or running, by state
 * @param jobAgeSeconds age of the oldest of those, by state
 * @param jobsEnded deployments that ended within a day, by outcome
 * @param mails that wait, and those that ended within a day, by state
 * @param machines of the pool: what no agent has, by state
 * @param orphans what providers have of ours and nobody owns, by state
 * @param alarms that hold, by level
 */
record PlatformCounts(
    Map<String, Long> agents,
    Map<String, Long> jobs,
    Map<String, Double> jobAgeSeconds,
    Map<String, Long> jobsEnded,
    Map<String, Long> mails,
    Map<String, Long> machines,
    Map<String, Long> orphans,
    Map<String, Long> alarms) {
  PlatformCounts {
    agents = Map.copyOf(agents);
    jobs = Map.copyOf(jobs);
    jobAgeSeconds = Map.copyOf(jobAgeSeconds);
    jobsEnded = Map.copyOf(jobsEnded);
    mails = Map.copyOf(mails);
    machines = Map.copyOf(machines);
    orphans = Map.copyOf(orphans);
    alarms = Map.copyOf(alarms);
  }
}

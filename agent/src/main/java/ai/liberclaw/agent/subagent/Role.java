package ai.liberclaw.agent.subagent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** What kind of work a subagent does, and so what it may use. */
public enum Role {
  DEFAULT("do whatever the task needs"),
  WORKER("carry the task out and leave a working result"),
  EXPLORER("find out and report; you only read"),
  REVIEWER("judge what is there and report what is wrong, with file and line; you only read"),
  VERIFIER("check whether something works as claimed, and report the evidence"),
  RESEARCHER("find out from the web and report with sources");

  /** What every role has that does not have everything. */
  private static final Set<String> READING =
      Set.of(
          "read_file",
          "read_pdf",
          "list_dir",
          "glob",
          "grep",
          "search_history",
          "search_memory",
          "vision_query");

  private static final Set<String> GIT = Set.of("git_status", "git_diff", "git_show", "git_blame");

  private static final Set<String> CHECKS =
      Set.of("run_tests", "run_lint", "run_typecheck", "git_diff", "git_status");

  private static final Set<String> WEB = Set.of("web_fetch", "web_search");

  private final String duty;

  Role(String duty) {
    this.duty = duty;
  }

  /** An unknown word is the default role. */
  static Role of(String word) {
    return Arrays.stream(values())
        .filter(role -> role.wireName().equals(word.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(DEFAULT);
  }

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it is there for, in the imperative. */
  public String duty() {
    return duty;
  }

  /** Whether it may use a tool of this name. */
  public boolean allows(String tool) {
    boolean reads = READING.contains(tool);
    return switch (this) {
      case DEFAULT, WORKER -> true;
      case EXPLORER -> reads;
      case REVIEWER -> reads || GIT.contains(tool);
      case VERIFIER -> reads || CHECKS.contains(tool);
      case RESEARCHER -> reads || WEB.contains(tool);
    };
  }
}

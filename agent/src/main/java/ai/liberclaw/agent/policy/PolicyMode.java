package ai.liberclaw.agent.policy;

import ai.liberclaw.agent.tool.Tool;
import java.util.Locale;

/** How much tools may do unasked. */
public enum PolicyMode {
  /** Everything. */
  FULL_AUTO,
  /** Whatever changes nothing; the rest is refused. */
  AUTO_READ,
  /** Whatever changes nothing; the rest asks. */
  ASK_BEFORE_WRITE,
  /** Everything but commands, which ask. */
  ASK_BEFORE_SHELL,
  /** Nothing. */
  LOCKED_DOWN,
  /** A word that is no mode was configured: nothing may run until that is put right. */
  UNKNOWN;

  /** The mode of a word; one that nobody knows is the strictest. */
  public static PolicyMode of(String word) {
    String wanted = word.strip().toLowerCase(Locale.ROOT);
    for (PolicyMode mode : values()) {
      if (mode.wireName().equals(wanted)) {
        return mode;
      }
    }
    return UNKNOWN;
  }

  /** The word in configuration and events. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Verdict verdict(Tool tool) {
    return switch (this) {
      case FULL_AUTO -> Verdict.ALLOW;
      case AUTO_READ -> tool.readOnly() ? Verdict.ALLOW : deny("allows only tools that read");
      case ASK_BEFORE_WRITE ->
          tool.readOnly() && !tool.shell()
              ? Verdict.ALLOW
              : new Verdict.Ask("the policy asks before anything is changed");
      case ASK_BEFORE_SHELL ->
          tool.shell() ? new Verdict.Ask("the policy asks before a command is run") : Verdict.ALLOW;
      case LOCKED_DOWN -> deny("allows no tool");
      case UNKNOWN -> deny("is none that exists, so no tool may run; the owner must correct it");
    };
  }

  private Verdict deny(String what) {
    String name = this == UNKNOWN ? "the configured policy " : "the policy " + wireName() + " ";
    return new Verdict.Deny(name + what, wireName());
  }
}

package ai.liberclaw.agent.context.scan;

import java.util.Optional;
import java.util.regex.Pattern;

/** What one line may try, seen by its words. Every pattern takes time linear in the line. */
enum Suspicion {
  OVERRIDE(
      "instruction override",
      "\\b(?:ignore|disregard|forget|override)\\s+(?:(?:all|any|the|of|your|my)\\s+){0,4}"
          + "(?:previous|prior|above|earlier|preceding|system|original)\\s+(?:[\\w-]+\\s+){0,2}"
          + "(?:instructions?|prompts?|rules|guidelines|directives|messages)\\b"
          + "|\\b(?:ignore|disregard|forget)\\s+(?:all\\s+)?(?:of\\s+)?your\\s+"
          + "(?:instructions|prompt|rules|guidelines)\\b"),
  EXFILTRATION(
      "secret exfiltration",
      "\\b(?:send|post|upload|forward|leak|transmit|e-?mail|submit|exfiltrate)\\b.{0,60}"
          + "\\b(?:all|any|every|your|my|our|the (?:user|owner|agent|system)(?:'s)?)\\s+"
          + "(?:[\\w-]+\\s+){0,3}(?:api[ _-]?keys?|tokens?|passwords?|secrets?|credentials?"
          + "|private keys?|ssh keys?|environment variables)\\b.{0,80}"
          + "(?:https?://|[\\w.+-]{1,60}@[\\w-]{1,60}\\.\\w|\\bwebhook|\\bpastebin)"
          + "|\\bexfiltrat\\w{1,5}\\b.{0,60}\\b(?:secrets?|keys?|tokens?|credentials?|data)\\b"),
  DISCLOSURE(
      "prompt disclosure",
      "\\b(?:reveal|print|show|repeat|output|disclose|leak|dump|tell)\\b.{0,40}"
          + "\\b(?:system prompt|hidden (?:prompt|instructions)"
          + "|your (?:initial|original|secret|full|hidden) (?:prompt|instructions))\\b"),
  SAFETY(
      "safety override",
      "\\b(?:disable|turn off|bypass|override|ignore|circumvent)\\b.{0,30}"
          + "\\b(?:safety (?:rules|guidelines|filters?|measures|checks|restrictions)"
          + "|guard ?rails?|content (?:filters?|policy)|moderation)\\b"
          + "|\\bdo anything now\\b|\\byou are (?:now )?(?:jailbroken|unrestricted)\\b"
          + "|\\bdeveloper mode (?:is )?(?:enabled|on)\\b");

  private final String reason;
  private final Pattern pattern;

  Suspicion(String reason, String regex) {
    this.reason = reason;
    this.pattern = Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  String reason() {
    return reason;
  }

  /** The first thing that a line seems to try. */
  static Optional<Suspicion> of(String line) {
    // Characters that nobody sees, and runs of blanks, must not hide words.
    String plain = line.replaceAll("\\p{Cf}", "").replaceAll("\\s+", " ");
    for (Suspicion suspicion : values()) {
      if (suspicion.pattern.matcher(plain).find()) {
        return Optional.of(suspicion);
      }
    }
    return Optional.empty();
  }
}

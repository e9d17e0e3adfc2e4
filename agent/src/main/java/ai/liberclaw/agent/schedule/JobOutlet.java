package ai.liberclaw.agent.schedule;

import ai.liberclaw.agent.tool.SentFile;
import ai.liberclaw.agent.turn.Notice;
import ai.liberclaw.agent.turn.TurnEnd;
import ai.liberclaw.agent.turn.TurnFailure;
import ai.liberclaw.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a run leaves for the person it is for. */
final class JobOutlet {
  /** What the agent answers when there is nothing to tell, without its underscore. */
  private static final String QUIET = "heartbeatok";

  private final UnaryOperator<String> mask;

  /**
   * @param mask hides secrets
   */
  JobOutlet(UnaryOperator<String> mask) {
    this.mask = mask;
  }

  /** An answer and files; none when all is well. */
  List<Notice> answer(String jobId, String chatId, TurnEnd end) {
    String text = end.finalText().orElse("").strip();
    boolean beat = jobId.equals(Job.HEARTBEAT);
    if (isQuiet(text, beat)) {
      return List.of();
    }
    String source = beat ? "heartbeat" : "cron";
    List<Notice> notices = new ArrayList<>();
    if (!text.isEmpty()) {
      notices.add(new Notice(chatId, source, mask.apply(beat ? "[Heartbeat] " + text : text)));
    }
    for (SentFile sent : end.files()) {
      String content =
          Json.write(
              Json.object()
                  .put("type", "file")
                  .put("path", sent.path())
                  .put("caption", sent.caption()));
      notices.add(new Notice(chatId, source + "_file", content));
    }
    return notices;
  }

  List<Notice> failure(String jobId, String chatId, Optional<TurnFailure> failure) {
    String why = failure.map(TurnFailure::message).orElse("It did not end well.");
    return List.of(
        new Notice(chatId, "cron", mask.apply("[Scheduled task " + jobId + "] Error: " + why)));
  }

  /** A heartbeat may say it in a sentence; any other task has to say nothing else. */
  private static boolean isQuiet(String text, boolean beat) {
    String plain = text.toLowerCase(Locale.ROOT).replace("_", "");
    return beat ? plain.contains(QUIET) : plain.replaceAll("[^a-z]", "").equals(QUIET);
  }
}

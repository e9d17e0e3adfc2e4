package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import ai.liberclaw.agent.model.ToolCall;
import ai.liberclaw.agent.model.ToolDefinition;
import ai.liberclaw.core.json.Json;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Guesses how many tokens text is for one model. The guess from character counts is multiplied by a
 * ratio that follows what the provider reports of earlier requests, so code, JSON and non-Latin
 * scripts come out right after the first reply. Safe for use by many threads.
 */
public final class Tokens {
  private static final double ASCII_CHARS_PER_TOKEN = 4;
  private static final double OTHER_CHARS_PER_TOKEN = 1.5;
  private static final int MESSAGE_TOKENS = 4;
  private static final int CALL_TOKENS = 12;

  /** A picture of the size that is sent costs about this with every provider. */
  private static final int IMAGE_TOKENS = 1_000;

  /** Before the first report: rather compact a little early than be refused. */
  private static final double RATIO_FIRST = 1.15;

  private static final double RATIO_MIN = 0.25;
  private static final double RATIO_MAX = 8;
  private static final double NEWEST_WEIGHT = 0.3;
  private static final double REFUSED_GROWTH = 1.25;

  private final ReentrantLock lock = new ReentrantLock();
  private double ratio = RATIO_FIRST;
  private boolean calibrated;

  /** Makes text count for more, which is the same as a smaller window. */
  private double penalty = 1;

  /** Characters alone, without the ratio. */
  static int guess(String text) {
    int ascii = 0;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) < 0x80) {
        ascii++;
      }
    }
    return (int)
        Math.ceil(ascii / ASCII_CHARS_PER_TOKEN + (length - ascii) / OTHER_CHARS_PER_TOKEN);
  }

  static int guess(Message message) {
    int tokens = MESSAGE_TOKENS + guess(message.content());
    return switch (message) {
      case Message.System _ -> tokens;
      case Message.User user -> tokens + IMAGE_TOKENS * user.images().size();
      case Message.Tool tool -> tokens + guess(tool.callId());
      case Message.Assistant assistant -> {
        for (ToolCall call : assistant.toolCalls()) {
          tokens += CALL_TOKENS + guess(call.id()) + guess(call.name()) + guess(call.arguments());
        }
        yield tokens;
      }
    };
  }

  static int guess(List<ToolDefinition> tools) {
    int tokens = 0;
    for (ToolDefinition tool : tools) {
      tokens +=
          CALL_TOKENS
              + guess(tool.name())
              + guess(tool.description())
              + guess(Json.write(tool.parameters()));
    }
    return tokens;
  }

  /** Tokens that a guess stands for. */
  int of(long guess) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceil(guess * ratio()));
  }

  /** The largest guess that stands for at most so many tokens. */
  int guessFor(int tokens) {
    return (int) Math.floor(tokens / ratio());
  }

  /** A request guessed at {@code guess} had {@code tokens}. */
  void observed(long guess, int tokens) {
    if (guess <= 0 || tokens <= 0) {
      return;
    }
    double seen = Math.clamp((double) tokens / guess, RATIO_MIN, RATIO_MAX);
    lock.lock();
    try {
      ratio = calibrated ? ratio + NEWEST_WEIGHT * (seen - ratio) : seen;
      calibrated = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A request guessed at {@code guess} was refused as too long, though {@code budgetTokens} were
   * believed to fit. Before any report the guess was wrong; after one the window is smaller than
   * believed, which no later report will correct.
   */
  void refused(long guess, int budgetTokens) {
    if (guess <= 0) {
      return;
    }
    lock.lock();
    try {
      double missing = Math.max(REFUSED_GROWTH, budgetTokens / (guess * ratio * penalty));
      if (calibrated) {
        penalty = Math.min(penalty * missing, RATIO_MAX);
      } else {
        ratio = Math.min(ratio * missing, RATIO_MAX);
      }
    } finally {
      lock.unlock();
    }
  }

  private double ratio() {
    lock.lock();
    try {
      return ratio * penalty;
    } finally {
      lock.unlock();
    }
  }
}

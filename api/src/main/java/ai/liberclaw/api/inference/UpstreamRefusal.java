package ai.liberclaw.api.inference;

import ai.liberclaw.core.error.Refusal;
import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.core.secret.Mask;
import ai.liberclaw.deploy.model.UpstreamAnswer;
import ai.liberclaw.deploy.model.UpstreamException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why a service did not answer, as the caller is told it.
 *
 * @param told without anything of the service's own but its judgement of the request
 * @param effect what it means for the other services, and for this one
 * @param words the beginning of the service's own, to judge by alone
 */
record UpstreamRefusal(Refusal told, Effect effect, String words) {
  /** What follows from it. */
  enum Effect {
    /** Every service would say so. */
    FINAL,
    /** Another service may answer; nothing is wrong with this one. */
    NEXT,
    /** Another service may answer; this one is out of order or refuses the key. */
    BROKEN
  }

  private static final int READ_BYTES_MAX = 16 * 1024;
  private static final int SHOWN_LENGTH_MAX = 500;
  private static final Pattern SECONDS = Pattern.compile("\\d{1,5}");
  private static final Pattern ADDRESS = Pattern.compile("[a-z]+://\\S+");
  private static final Pattern KEY = Pattern.compile("\\b(sk|key|pk|lt)[-_][A-Za-z0-9_*.-]{6,}");

  /**
   * @param mask hides the operator's keys
   * @param ownKey the user's, when it was used
   */
  static UpstreamRefusal of(UpstreamAnswer answer, Mask mask, Optional<String> ownKey) {
    int status = answer.status();
    String said = words(answer);
    String words = ownKey.map(key -> said.replace(key, Mask.REDACTED)).orElse(said);
    return switch (status) {
      case 400, 405, 409, 413, 415, 422 ->
          new UpstreamRefusal(judged(status, words, mask), Effect.FINAL, words);
      case 404 -> next(404, "The model service does not have this model.", Effect.NEXT, words);
      case 401, 403 ->
          ownKey.isPresent()
              ? next(502, "The model service does not accept your own key.", Effect.NEXT, words)
              : next(502, "The model service refuses this platform.", Effect.BROKEN, words);
      case 402 ->
          next(
              503,
              "The model service has no credit left.",
              ownKey.isPresent() ? Effect.NEXT : Effect.BROKEN,
              words);
      case 408 -> next(504, "The model service took too long.", Effect.NEXT, words);
      case 429 ->
          new UpstreamRefusal(
              new Refusal(429, "The model service is busy. Please retry.", retryAfter(answer)),
              Effect.NEXT,
              words);
      default -> next(502, "The model service failed. Please retry.", Effect.BROKEN, words);
    };
  }

  static UpstreamRefusal of(UpstreamException failure) {
    return switch (failure.kind()) {
      case UNREACHABLE ->
          next(502, "The model service cannot be reached. Please retry.", Effect.BROKEN, "");
      case SILENT -> next(504, "The model service took too long.", Effect.BROKEN, "");
      case LOST ->
          next(502, "The connection to the model service broke. Please retry.", Effect.BROKEN, "");
    };
  }

  /** An error in the middle of a stream: what kind it is, in our words. */
  static Refusal inStream(byte[] words) {
    String text = new String(words, StandardCharsets.UTF_8);
    if (ErrorShape.isOverflow(text)) {
      return new Refusal(400, "The prompt is too long: maximum context length exceeded");
    }
    if (text.contains("rate_limit") || text.contains("overloaded")) {
      return new Refusal(429, "The model service is busy. Please retry.");
    }
    return new Refusal(502, "The model service gave up. Please retry.");
  }

  private static UpstreamRefusal next(int status, String message, Effect effect, String words) {
    return new UpstreamRefusal(new Refusal(status, message), effect, words);
  }

  /** What is wrong with the request is the caller's to know, keys and addresses are not. */
  private static Refusal judged(int status, String words, Mask mask) {
    String message = message(words).map(text -> shown(text, mask)).orElse("");
    int told = status == 413 || status == 422 ? status : 400;
    return new Refusal(told, message.isBlank() ? "The model service refuses the request" : message);
  }

  private static String shown(String text, Mask mask) {
    String masked = KEY.matcher(mask.mask(text)).replaceAll(Mask.REDACTED);
    String plain = ADDRESS.matcher(masked).replaceAll("(address)").replaceAll("\\p{Cntrl}+", " ");
    int end = Math.min(plain.length(), SHOWN_LENGTH_MAX);
    if (end < plain.length() && Character.isLowSurrogate(plain.charAt(end))) {
      end--;
    }
    return plain.substring(0, end);
  }

  private static Optional<String> message(String words) {
    try {
      JsonNode json = Json.parse(words);
      JsonNode error = json.path("error");
      return Stream.of(error.path("message"), error, json.path("message"), json.path("detail"))
          .filter(JsonNode::isTextual)
          .map(JsonNode::textValue)
          .findFirst();
    } catch (JsonException _) {
      // Not for machines, so not for the caller either.
      return Optional.empty();
    }
  }

  private static Map<String, String> retryAfter(UpstreamAnswer answer) {
    String seconds =
        answer
            .retryAfter()
            .map(SECONDS::matcher)
            .filter(Matcher::matches)
            .map(Matcher::group)
            .orElse("5");
    return Map.of("Retry-After", seconds);
  }

  private static String words(UpstreamAnswer answer) {
    try {
      return new String(answer.body().readNBytes(READ_BYTES_MAX), StandardCharsets.UTF_8);
    } catch (IOException | UncheckedIOException | IllegalStateException _) {
      return "";
    }
  }
}

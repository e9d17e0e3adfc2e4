package ai.liberclaw.core.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;

/** A text that is not JSON. The message names the fault in words, never the text itself. */
public final class JsonException extends RuntimeException {
  private final long offset;

  JsonException(String reason, long offset) {
    super(reason);
    this.offset = offset;
  }

  static JsonException of(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    long offset =
        location == null ? 0 : Math.max(location.getCharOffset(), location.getByteOffset());
    String reason = e.getOriginalMessage();
    // Jackson quotes a piece of the input after this; it may be somebody's secret.
    int quote = reason == null ? -1 : reason.indexOf('\'');
    return new JsonException(
        reason == null ? "not valid JSON" : quote > 0 ? reason.substring(0, quote).strip() : reason,
        Math.max(0, offset));
  }

  /** Where the fault is: characters of a string, bytes of an array, from 0. */
  public long offset() {
    return offset;
  }
}

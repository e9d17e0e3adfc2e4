package ai.liberclaw.api.activity;

import ai.liberclaw.core.json.Json;
import java.nio.charset.StandardCharsets;

/** A public event, written once for all readers. */
final class PublicEvent {
  private final long position;
  private final String id;
  private final byte[] json;

  PublicEvent(FeedStore.Row row) {
    this.position = row.position();
    this.id = Long.toString(row.position());
    this.json = Json.writeAscii(row.event().json()).getBytes(StandardCharsets.US_ASCII);
  }

  long position() {
    return position;
  }

  /** What a reader resumes after. */
  String id() {
    return id;
  }

  /** One line; shared, so never changed. */
  byte[] json() {
    return json;
  }
}

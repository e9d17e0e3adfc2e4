package ai.liberclaw.agent.model;

import ai.liberclaw.core.sse.SseReader;
import java.io.IOException;
import java.io.InputStream;

/** The data of server-sent events. */
final class SseFrames implements Wire.Frames {
  private final SseReader events;

  SseFrames(InputStream in, int frameBytesMax) {
    this.events = new SseReader(in, frameBytesMax);
  }

  @Override
  public boolean advance() throws IOException {
    return events.advance();
  }

  @Override
  public byte[] data() {
    return events.data();
  }

  @Override
  public int dataLength() {
    return events.dataLength();
  }
}

package ai.liberclaw.deploy.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes {@code multipart/form-data} (RFC 7578) to an agent, piece by piece. */
public final class FormWriter {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final OutputStream out;
  private final String boundary;

  FormWriter(OutputStream out, String boundary) {
    this.out = out;
    this.boundary = boundary;
  }

  /**
   * One part with the bytes of a file.
   *
   * @param fileName without control characters
   * @throws AgentException when the agent takes no more
   * @throws IOException when the bytes can't be read
   */
  public void file(String name, String fileName, InputStream bytes)
      throws AgentException, IOException {
    head(
        "Content-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: application/octet-stream"
            .formatted(name, quoted(fileName)));
    byte[] buffer = new byte[BUFFER_BYTES];
    int count;
    while ((count = bytes.read(buffer)) >= 0) {
      write(buffer, count);
    }
    text("\r\n");
  }

  /** One part with text. */
  public void field(String name, String value) throws AgentException {
    head("Content-Disposition: form-data; name=\"" + name + "\"");
    text(value + "\r\n");
  }

  void end() throws AgentException {
    text("--" + boundary + "--\r\n");
  }

  private void head(String lines) throws AgentException {
    text("--" + boundary + "\r\n" + lines + "\r\n\r\n");
  }

  /** As browsers do it: no backslash, which parsers read in different ways. */
  private static String quoted(String fileName) {
    return fileName.replace("\"", "%22");
  }

  private void text(String text) throws AgentException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, bytes.length);
  }

  private void write(byte[] bytes, int count) throws AgentException {
    try {
      out.write(bytes, 0, count);
    } catch (IOException | UncheckedIOException e) {
      throw AgentClient.failure(e);
    }
  }
}

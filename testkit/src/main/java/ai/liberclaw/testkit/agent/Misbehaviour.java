package ai.liberclaw.testkit.agent;

import java.io.IOException;

/** The ways in which the turn of an agent goes wrong on the wire; each ends its connection. */
public enum Misbehaviour implements StubAgent.Script {
  SERVER_ERROR,
  REDIRECT,
  /** The connection ends between two chunks. */
  DROP_AFTER_EVENTS,
  CLEAN_CLOSE_IN_CHUNK,
  CLOSE_IN_EVENT,
  SILENCE_AFTER_EVENTS,
  SILENCE_AT_ONCE,
  NO_DONE,
  NO_EVENTS,
  RESET_BEFORE_HEAD,
  RESET_BEFORE_EVENTS,
  RESET_AFTER_EVENTS,
  CLOSE_BEFORE_HEAD,
  CLOSE_IN_HEAD,
  NO_HTTP,
  /** The head promises chunks, and none follow. */
  NOT_CHUNKED_AFTER_ALL,
  NOT_AN_OBJECT,
  NOT_JSON,
  WRONG_CONTENT_TYPE,
  /** More than an event may have, without an end. */
  ENDLESS_EVENT;

  private static final int PIECE_LENGTH = 64 * 1024;

  @Override
  public void run(StubAgent.Request request, StubConnection c) throws IOException {
    switch (this) {
      case SERVER_ERROR -> c.json(500, "{\"error\":\"internal error\"}");
      case REDIRECT ->
          c.raw("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
      case DROP_AFTER_EVENTS -> begin(c);
      case CLEAN_CLOSE_IN_CHUNK -> {
        begin(c);
        c.raw("40\r\ndata: {\"type\":\"text\",");
        c.socket().shutdownOutput();
        c.awaitLeave();
      }
      case CLOSE_IN_EVENT -> {
        begin(c);
        c.chunk("data: {\"type\":\"text\",\"content\":\"half");
      }
      case SILENCE_AFTER_EVENTS -> {
        begin(c);
        c.awaitLeave();
      }
      case SILENCE_AT_ONCE -> c.awaitLeave();
      case NO_DONE -> {
        begin(c);
        c.end();
      }
      case NO_EVENTS -> {
        c.head();
        c.end();
      }
      case RESET_BEFORE_HEAD -> c.reset();
      case RESET_BEFORE_EVENTS -> {
        c.head();
        c.reset();
      }
      case RESET_AFTER_EVENTS -> {
        begin(c);
        c.reset();
      }
      case CLOSE_BEFORE_HEAD -> c.socket().shutdownOutput();
      case CLOSE_IN_HEAD -> c.raw("HTTP/1.1 200 OK\r\nContent-Type: text/ev");
      case NO_HTTP -> c.raw("SSH-2.0-OpenSSH_9.2p1\r\n");
      case NOT_CHUNKED_AFTER_ALL -> {
        c.head();
        c.raw("data: {\"type\":\"text\",\"content\":\"no size before me\"}\n\n");
      }
      case NOT_AN_OBJECT -> {
        c.head();
        c.event("[1]");
        c.event("\"done\"");
        c.end();
      }
      case NOT_JSON -> {
        c.head();
        c.event("{\"type\":\"done\"");
        c.end();
      }
      case WRONG_CONTENT_TYPE ->
          c.raw(
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n"
                  + "Connection: close\r\n\r\n<html>\n\nHello");
      case ENDLESS_EVENT -> {
        c.head();
        c.chunk("data: {\"type\":\"text\",\"content\":\"");
        while (true) {
          c.chunk("x".repeat(PIECE_LENGTH));
        }
      }
    }
  }

  private static void begin(StubConnection c) throws IOException {
    c.head();
    c.event("{\"type\":\"text\",\"content\":\"a\"}");
  }
}

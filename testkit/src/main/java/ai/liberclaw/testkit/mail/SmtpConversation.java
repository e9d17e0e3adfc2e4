package ai.liberclaw.testkit.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Base64;
import java.util.Locale;
import javax.net.ssl.SSLSocket;

/** One client's connection. Commands out of order are refused as a strict server does. */
final class SmtpConversation {
  private final SmtpServer server;
  private Socket socket;
  private InputStream in;
  private boolean encrypted;
  private boolean greeted;
  private boolean refused;
  private String user = "";
  private String from = "";
  private String to = "";

  SmtpConversation(SmtpServer server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  void run() throws IOException, InterruptedException {
    if (!answer("GREETING", () -> "220 simulator ESMTP")) {
      return;
    }
    while (true) {
      String line = line();
      String command = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
      boolean goesOn = answer(command, () -> carryOut(command, line));
      if (!goesOn || command.equals("QUIT")) {
        return;
      }
      if (refused) {
        continue;
      }
      if (command.equals("STARTTLS") && server.tls().isPresent() && !encrypted) {
        encrypt();
      } else if (command.equals("DATA") && !from.isEmpty() && !to.isEmpty() && !data()) {
        return;
      }
    }
  }

  private interface Command {
    String run() throws IOException;
  }

  /** Carries a command out and answers, or lets it go wrong; false when the connection ends. */
  private boolean answer(String name, Command command) throws IOException, InterruptedException {
    refused = false;
    return switch (server.fault(name).orElse(null)) {
      case null -> say(command.run());
      case SmtpFault.Reply(String _, String reply) -> {
        refused = true;
        yield say(reply);
      }
      case SmtpFault.Cut _ -> {
        command.run();
        socket.close();
        yield false;
      }
      case SmtpFault.Slow(String _, java.time.Duration delay) -> {
        String reply = command.run();
        Thread.sleep(delay);
        yield say(reply);
      }
    };
  }

  private String carryOut(String command, String line) throws IOException {
    return switch (command) {
      case "EHLO", "HELO" -> {
        greeted = true;
        yield command.equals("HELO") ? "250 simulator" : extensions();
      }
      case "STARTTLS" -> server.tls().isPresent() ? "220 Go ahead" : "502 Not implemented";
      case "AUTH" -> authenticate(line);
      case "MAIL" -> {
        if (!greeted) {
          yield "503 Say hello first";
        }
        if (server.login().isPresent() && user.isEmpty()) {
          yield "530 5.7.0 Authentication required";
        }
        from = path(line);
        yield "250 2.1.0 Ok";
      }
      case "RCPT" -> {
        if (from.isEmpty()) {
          yield "503 MAIL first";
        }
        to = path(line);
        yield "250 2.1.5 Ok";
      }
      case "DATA" -> from.isEmpty() || to.isEmpty() ? "503 RCPT first" : "354 End with a dot";
      case "RSET" -> {
        from = "";
        to = "";
        yield "250 Ok";
      }
      case "NOOP" -> "250 Ok";
      case "QUIT" -> "221 Bye";
      default -> "500 What?";
    };
  }

  private String extensions() {
    String startTls = server.tls().isPresent() && !encrypted ? "250-STARTTLS\r\n" : "";
    String auth = server.login().isPresent() ? "250-AUTH PLAIN\r\n" : "";
    return "250-simulator\r\n" + startTls + auth + "250-SMTPUTF8\r\n250 8BITMIME";
  }

  private String authenticate(String line) throws IOException {
    String[] words = line.split(" ", -1);
    if (server.login().isEmpty() || words.length < 2 || !words[1].equalsIgnoreCase("PLAIN")) {
      return "504 5.5.4 Unrecognized authentication type";
    }
    String encoded = words.length > 2 ? words[2] : "";
    if (encoded.isEmpty()) {
      say("334 ");
      encoded = line();
    }
    String[] parts = new String(Base64.getDecoder().decode(encoded), UTF_8).split("\0", -1);
    SmtpServer.Login wanted = server.login().get();
    if (parts.length == 3 && wanted.equals(new SmtpServer.Login(parts[1], parts[2]))) {
      user = parts[1];
      return "235 2.7.0 Welcome";
    }
    return "535 5.7.8 Bad credentials";
  }

  /** Reads the mail; false when the connection ends. */
  private boolean data() throws IOException, InterruptedException {
    StringBuilder data = new StringBuilder();
    for (String line = line(); !line.equals("."); line = line()) {
      data.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
    ReceivedMail mail = new ReceivedMail(from, to, data.toString(), encrypted, user);
    from = "";
    to = "";
    return answer(
        "END",
        () -> {
          server.received(mail);
          return "250 2.0.0 Queued";
        });
  }

  /** What was said in clear counts no more (RFC 3207, 4.2). */
  private void encrypt() throws IOException {
    SSLSocket secure =
        (SSLSocket)
            server
                .tls()
                .orElseThrow()
                .getSocketFactory()
                .createSocket(socket, "client", socket.getPort(), true);
    secure.setUseClientMode(false);
    secure.startHandshake();
    socket = secure;
    in = new BufferedInputStream(secure.getInputStream());
    encrypted = true;
    greeted = false;
    from = "";
    to = "";
  }

  private static String path(String line) {
    int start = line.indexOf('<');
    int end = line.indexOf('>');
    return start < 0 || end < start ? "" : line.substring(start + 1, end);
  }

  private boolean say(String reply) throws IOException {
    socket.getOutputStream().write((reply + "\r\n").getBytes(UTF_8));
    socket.getOutputStream().flush();
    return true;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("closed");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(UTF_8);
  }
}

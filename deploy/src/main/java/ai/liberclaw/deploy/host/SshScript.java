package ai.liberclaw.deploy.host;

import ai.liberclaw.deploy.host.HostShell.Input;
import ai.liberclaw.deploy.host.HostShell.Result;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.future.CancelOption;

/**
 * One script on one connection. It runs below {@code timeout}, which makes a process group of it:
 * that ends it at its deadline even when nobody is connected any more, and lets it be ended before.
 */
final class SshScript {
  private static final Logger LOG = System.getLogger(SshScript.class.getName());
  private static final Duration OPEN_TIME_MAX = Duration.ofSeconds(10);
  private static final Duration KILL_TIME_MAX = Duration.ofSeconds(10);

  /** Between a script's own deadline and giving up on hearing of it. */
  private static final Duration END_GRACE = Duration.ofSeconds(12);

  private static final int KILL_AFTER_SECONDS = 5;
  private static final int TIMED_OUT = 124;
  private static final int KILLED = 137;
  private static final int BUFFER_BYTES = 32 * 1024;
  private static final Pattern GROUP = Pattern.compile("[0-9]{1,10}");

  private final ClientSession session;
  private final SshLogin login;
  private final String script;
  private final Input input;
  private final Duration limit;

  SshScript(ClientSession session, SshLogin login, String script, Input input, Duration limit) {
    this.session = session;
    this.login = login;
    this.script = script;
    this.input = input;
    this.limit = limit;
  }

  Result run() throws InterruptedException {
    Printed out = new Printed(HostShell.OUT_BYTES_MAX);
    Printed err = new Printed(HostShell.ERR_BYTES_MAX);
    boolean ended = false;
    ChannelExec channel = open();
    try {
      CountDownLatch closed = new CountDownLatch(1);
      channel.addCloseFutureListener(_ -> closed.countDown());
      Thread outReader = out.reading(channel.getInvertedOut());
      Thread errReader = err.reading(channel.getInvertedErr());
      Thread sender =
          Thread.ofVirtual().name("ssh-input").start(() -> send(channel.getInvertedIn()));
      try {
        ended = closed.await(limit.plus(END_GRACE).toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
          throw timedOut();
        }
        outReader.join(END_GRACE);
        errReader.join(END_GRACE);
      } finally {
        sender.interrupt();
        outReader.interrupt();
        errReader.interrupt();
      }
      Integer status = channel.getExitStatus();
      if (status == null) {
        throw SshConnection.lost(null);
      }
      if (status == TIMED_OUT || status == KILLED) {
        throw timedOut();
      }
      String text = out.text();
      // The first line is the process group.
      return new Result(
          status,
          text.substring(text.indexOf('\n') + 1),
          err.text(),
          out.truncated() || err.truncated());
    } finally {
      if (!ended) {
        kill(out.text());
      }
      channel.close(true);
    }
  }

  private ChannelExec open() throws InterruptedException {
    String command =
        (login.wantsSudo() ? "exec sudo -n -- " : "exec ")
            + "timeout -k %d %d sh -c %s"
                .formatted(
                    KILL_AFTER_SECONDS,
                    Math.max(1, limit.toSeconds()),
                    quoted("echo $PPID\n" + script));
    try {
      ChannelExec channel = session.createExecChannel(command);
      channel
          .open()
          .verify(
              OPEN_TIME_MAX.toMillis(),
              CancelOption.CANCEL_ON_TIMEOUT,
              CancelOption.CANCEL_ON_INTERRUPT);
      return channel;
    } catch (InterruptedIOException _) {
      throw new InterruptedException();
    } catch (IOException e) {
      throw SshConnection.lost(e);
    }
  }

  private void send(OutputStream in) {
    try (in) {
      input.writeTo(in);
    } catch (IOException | RuntimeException e) {
      // The script ended without reading it all: its status says what that means.
      LOG.log(Level.DEBUG, "ssh.input_not_taken", e);
    }
  }

  /** Ends the whole process group on the host, which its closed channel would not. */
  private void kill(String printed) {
    int line = printed.indexOf('\n');
    String group = line < 0 ? "" : printed.substring(0, line).strip();
    if (!GROUP.matcher(group).matches() || !session.isOpen()) {
      return;
    }
    String command =
        (login.wantsSudo() ? "sudo -n -- " : "")
            + "sh -c 'kill -s TERM -- -%1$s; sleep 1; kill -s KILL -- -%1$s'".formatted(group);
    Thread.ofVirtual()
        .name("ssh-kill")
        .start(() -> {
          try (ChannelExec killing = session.createExecChannel(command)) {
            CountDownLatch done = new CountDownLatch(1);
            killing.addCloseFutureListener(_ -> done.countDown());
            killing.setOut(OutputStream.nullOutputStream());
            killing.setErr(OutputStream.nullOutputStream());
            killing.open().verify(OPEN_TIME_MAX.toMillis());
            if (!done.await(KILL_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
              LOG.log(Level.WARNING, "ssh.script_not_killed host=" + login);
            }
          } catch (IOException e) {
            LOG.log(Level.WARNING, "ssh.script_not_killed host=" + login, e);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static ProviderException timedOut() {
    return new ProviderException(
        "host_timeout", "The machine did not finish a step in time.", true, null);
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** What is printed on one stream, up to a limit; the rest is read and dropped. */
  private static final class Printed {
    private final int bytesMax;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean more;

    Printed(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    Thread reading(InputStream in) {
      return Thread.ofVirtual().name("ssh-output").start(() -> read(in));
    }

    private void read(InputStream in) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        int count;
        while ((count = in.read(buffer)) >= 0) {
          keep(buffer, count);
        }
      } catch (IOException e) {
        // The channel is gone; a missing exit status tells.
        LOG.log(Level.DEBUG, "ssh.output_lost", e);
      }
    }

    private synchronized void keep(byte[] buffer, int count) {
      int kept = Math.min(count, bytesMax - bytes.size());
      bytes.write(buffer, 0, kept);
      more |= kept < count;
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized boolean truncated() {
      return more;
    }
  }
}

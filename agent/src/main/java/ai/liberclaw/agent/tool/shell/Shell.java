package ai.liberclaw.agent.tool.shell;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One running bash that takes one command after the other, in a session of its own. Its orders and
 * answers go through pipes that commands do not have; what a command writes goes through pipes made
 * for it alone. Used by one thread at a time.
 */
final class Shell implements AutoCloseable {
  /** How long a shell may take to notice that it has been ended. */
  private static final Duration END_MAX = Duration.ofSeconds(5);

  private static final int ANSWER_BYTES_MAX = 16 * 1024;
  private static final Logger LOG = System.getLogger(Shell.class.getName());

  private final Children children;
  private final Path data;
  private final Path exchange;
  private final Process process;
  private final String mark = UUID.randomUUID().toString();
  private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private int commands;
  private long lastEnd;
  private volatile Path directory;

  /**
   * @param prefix of the folder's name through which it gets its commands
   */
  Shell(Children children, Path data, String bash, String prefix)
      throws IOException, InterruptedException {
    this.children = children;
    this.data = data;
    this.directory = children.sandbox().directory();
    this.exchange = children.sandbox().exchange(prefix);
    boolean started = false;
    try {
      process =
          children.start(
              ShellScripts.keeper(bash),
              mark,
              List.of(exchange),
              Redirect.PIPE,
              Redirect.PIPE,
              Redirect.to(new File("/dev/null")));
      started = true;
    } finally {
      if (!started) {
        deleteExchange();
      }
    }
    InputStream line = process.getInputStream();
    // A read of a pipe blocks its thread, also a virtual one's carrier.
    Thread.ofPlatform().daemon().name("tool-shell-" + process.pid()).start(() -> listen(line));
  }

  private void listen(InputStream line) {
    byte[] text = new byte[ANSWER_BYTES_MAX];
    int length = 0;
    try (line) {
      int next;
      while ((next = line.read()) >= 0) {
        if (next != '\n') {
          text[Math.min(length++, ANSWER_BYTES_MAX - 1)] = (byte) next;
          continue;
        }
        answers.add(
            Answer.of(
                new String(text, 0, Math.min(length, ANSWER_BYTES_MAX), StandardCharsets.UTF_8)));
        length = 0;
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "tool.shell_silent reason={0}", e.getMessage());
    } finally {
      answers.add(new Answer.Closed());
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Where its next command starts. */
  Path directory() {
    return directory;
  }

  /** Whether commands of the past have left processes that run on. */
  boolean hasBackground() {
    return ShellSession.background(children, process.pid());
  }

  /**
   * Runs a command to its end, or ends it when the time is over.
   *
   * @throws InterruptedException the command has been ended
   */
  CommandOutcome run(String script, Duration timeout) throws IOException, InterruptedException {
    String name = Integer.toString(++commands);
    String commandMark = mark + "-" + name + ".";
    try (CommandFiles files = new CommandFiles(name)) {
      files.make(script);
      Output output = Output.named(exchange, name, data);
      boolean handedOver = false;
      try {
        output.begin(process.pid() + "-" + name);
        CommandOutcome outcome = run(name, commandMark, timeout, output);
        handedOver = true;
        return outcome;
      } finally {
        if (!handedOver) {
          output.close();
        }
      }
    }
  }

  private CommandOutcome run(String name, String commandMark, Duration timeout, Output output)
      throws IOException, InterruptedException {
    answers.clear();
    ShellSession session = new ShellSession(children, process, lastEnd);
    order(ShellScripts.order(commandMark, exchange.resolve(name)));
    Optional<Integer> exit = Optional.empty();
    boolean lost = true;
    boolean ended = false;
    try {
      Answer last = await(session, timeout);
      switch (last) {
        case null -> {}
        case Answer.Done done -> {
          exit = Optional.of(done.exitCode());
          directory = Path.of(done.directory());
          lost = false;
          ended = true;
        }
        case Answer.Ended end -> {
          exit = Optional.of(end.exitCode());
          ended = true;
        }
        case Answer.Begun _, Answer.Closed _ -> exit = Optional.of(exitOfKeeper());
      }
    } finally {
      if (!ended) {
        end(session);
      }
    }
    lastEnd = ProcTable.available() ? ProcTable.now() : 0;
    if (lost) {
      directory = children.sandbox().directory();
    }
    try {
      output.finish();
    } catch (InterruptedException e) {
      end(session);
      throw e;
    }
    List<Long> strays =
        exit.isPresent() || !ProcTable.available()
            ? List.of()
            : ProcTable.markedOutside(process.pid(), commandMark).stream()
                .map(ProcTable::innerPid)
                .toList();
    return new CommandOutcome(exit, output, strays, lost);
  }

  private void order(String line) throws IOException {
    try {
      // Not closed: it takes the next order too.
      OutputStream orders = process.getOutputStream();
      orders.write(line.getBytes(StandardCharsets.UTF_8));
      orders.flush();
    } catch (IOException _) {
      throw new IOException("the shell has ended; the next command gets a new one");
    }
  }

  /** How the command ended; null when the time is over. */
  private @Nullable Answer await(ShellSession session, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Answer answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (!(answer instanceof Answer.Begun begun)) {
        return answer;
      }
      session.begun(begun.pid());
    }
  }

  private int exitOfKeeper() throws InterruptedException {
    return process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : 137;
  }

  /** Ends the command that runs, and the shell with it; the keeper starts another one. */
  private void end(ShellSession session) {
    session.endCommand();
    boolean interrupted = Thread.interrupted();
    try {
      long deadline = System.nanoTime() + END_MAX.toNanos();
      Answer answer;
      do {
        answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } while (answer instanceof Answer.Begun || answer instanceof Answer.Done);
      if (!(answer instanceof Answer.Ended)) {
        children.end(process);
      }
    } catch (InterruptedException _) {
      interrupted = true;
      children.end(process);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the shell; processes in the background live on where the sandbox lets them. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "tool.shell_orders_open reason={0}", e.getMessage());
    }
    deleteExchange();
  }

  private void deleteExchange() {
    Exchanges.delete(exchange);
  }

  /** The script and the two pipes of one command; gone when it has ended. */
  private final class CommandFiles implements AutoCloseable {
    private final List<Path> made = new ArrayList<>();
    private final String name;

    CommandFiles(String name) {
      this.name = name;
    }

    void make(String script) throws IOException {
      Path text = exchange.resolve(name + ".sh");
      made.add(text);
      Files.writeString(text, script);
      children.sandbox().share(text, 0640);
      for (String stream : List.of("out", "err")) {
        Path pipe = exchange.resolve(name + "." + stream);
        children.libc().makePipe(pipe);
        made.add(pipe);
        children.sandbox().share(pipe, 0620);
      }
    }

    @Override
    public void close() throws IOException {
      for (Path path : made) {
        Files.deleteIfExists(path);
      }
    }
  }
}

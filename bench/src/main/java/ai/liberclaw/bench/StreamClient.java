package ai.liberclaw.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads many streams of {@link FakeAgent}'s events with as little work as it can, on one thread: it
 * counts what comes and how late, and keeps nothing.
 */
final class StreamClient implements AutoCloseable {
  private static final long BUCKET_NANOS = 10_000;
  private static final int BUCKETS = 500_000;
  private static final byte[] DONE = "\"done\"".getBytes(StandardCharsets.US_ASCII);

  private final LongAdder events = new LongAdder();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicIntegerArray lags = new AtomicIntegerArray(BUCKETS);
  private final Selector selector;
  private final Queue<Stream> opened = new ConcurrentLinkedQueue<>();
  private final byte[] buffer = new byte[64 * 1024];
  private volatile boolean closed;

  /** One that is read, and whether it came to its last event. */
  private record Stream(SocketChannel channel, Scan scan, CompletableFuture<Boolean> over) {}

  StreamClient() throws IOException {
    selector = Selector.open();
    Thread.ofPlatform().daemon().name("stream-client").start(this::run);
  }

  /** Opens a stream, and returns at its end. */
  void read(int port, byte[] request) {
    boolean done = false;
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer bytes = ByteBuffer.wrap(request);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.configureBlocking(false);
      Stream stream = new Stream(channel, new Scan(), new CompletableFuture<>());
      open.incrementAndGet();
      opened.add(stream);
      selector.wakeup();
      try {
        done = stream.over.get();
      } finally {
        open.decrementAndGet();
      }
    } catch (IOException | ExecutionException | InterruptedException _) {
      // Counted below.
    }
    if (!done) {
      failures.incrementAndGet();
    }
  }

  private void run() {
    try (selector) {
      while (!closed) {
        selector.select(key -> {
          if (key.attachment() instanceof Stream stream) {
            read(stream, key);
          }
        });
        for (Stream stream = opened.poll(); stream != null; stream = opened.poll()) {
          register(stream);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void register(Stream stream) {
    try {
      stream.channel.register(selector, SelectionKey.OP_READ, stream);
    } catch (ClosedChannelException e) {
      // Its reader was interrupted in between.
      stream.over.completeExceptionally(e);
    }
  }

  private void read(Stream stream, SelectionKey key) {
    try {
      int n = stream.channel.read(ByteBuffer.wrap(buffer));
      if (n > 0) {
        stream.scan.take(buffer, n);
      }
      if (n < 0 || stream.scan.done || stream.scan.refused) {
        key.cancel();
        stream.over.complete(stream.scan.done);
      }
    } catch (IOException e) {
      key.cancel();
      stream.over.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }

  long events() {
    return events.sum();
  }

  int open() {
    return open.get();
  }

  int failures() {
    return failures.get();
  }

  void forgetLags() {
    for (int i = 0; i < BUCKETS; i++) {
      lags.set(i, 0);
    }
  }

  /** Milliseconds between an event being made and being here. */
  double lagMs(double share) {
    long all = 0;
    for (int i = 0; i < BUCKETS; i++) {
      all += lags.get(i);
    }
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += lags.get(i);
      if (seen >= share * all) {
        return (i + 1) * BUCKET_NANOS / 1e6;
      }
    }
    throw new IllegalStateException("nothing was measured");
  }

  /**
   * Finds the borders of events and the times between two at signs, in whatever pieces they come.
   */
  private final class Scan {
    private boolean first = true;
    private boolean refused;
    private boolean done;
    private boolean newline;
    private boolean number;
    private long time;
    private int matched;

    void take(byte[] bytes, int length) {
      if (first) {
        first = false;
        refused = length < 13 || bytes[9] != '2';
      }
      int borders = 0;
      long now = System.nanoTime();
      for (int i = 0; i < length; i++) {
        byte b = bytes[i];
        if (b == '\n') {
          if (newline) {
            borders++;
          }
          newline = !newline;
        } else {
          newline = false;
        }
        if (number) {
          number = b != '@';
          if (number) {
            time = time * 10 + (b - '0');
          } else if (time > 0) {
            lags.incrementAndGet(Math.clamp((now - time) / BUCKET_NANOS, 0, BUCKETS - 1));
          }
        } else if (b == '@') {
          number = true;
          time = 0;
        }
        matched = b == DONE[matched] ? matched + 1 : b == DONE[0] ? 1 : 0;
        if (matched == DONE.length) {
          done = true;
          break;
        }
      }
      events.add(borders);
    }
  }
}

package ai.liberclaw.api.activity;

import ai.liberclaw.api.auth.Caller;
import ai.liberclaw.api.auth.ClientAddress;
import ai.liberclaw.core.error.Invalid;
import ai.liberclaw.core.sse.SseWriter;
import ai.liberclaw.core.web.Exchange;
import ai.liberclaw.core.web.Router;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jooq.DSLContext;

/** {@code /activity}: a user's own events, and the public ones as a page and as a stream. */
public final class ActivityRoutes {
  private static final long LIMIT_DEFAULT = 50;
  private static final long LIMIT_MAX = 100;

  /** Whoever wants more pages on with {@code before}, which costs the same on every page. */
  private static final long OFFSET_MAX = 10_000;

  private static final Pattern POSITION = Pattern.compile("[0-9]{1,18}");
  private static final Pattern UUID_TEXT =
      Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final DSLContext sql;
  private final ActivityFeed feed;
  private final ClientAddress addresses;
  private final FeedPlaces places;
  private final Duration keepalive;
  private final Duration stallMax;

  /**
   * @param keepalive silence after which a reader gets a ping
   * @param stallMax how long one write to a reader may take before it is dropped
   */
  public ActivityRoutes(
      DSLContext sql,
      ActivityFeed feed,
      ClientAddress addresses,
      FeedLimits limits,
      Duration keepalive,
      Duration stallMax) {
    this.sql = sql;
    this.feed = feed;
    this.addresses = addresses;
    this.places = new FeedPlaces(limits);
    this.keepalive = keepalive;
    this.stallMax = stallMax;
  }

  public void addTo(Router router) {
    router
        .get("/api/v1/activity/me", this::own)
        .get("/api/v1/activity/public", this::latest)
        .get("/api/v1/activity/stream", this::stream);
  }

  private void own(Exchange exchange) {
    Caller caller = Caller.of(exchange);
    exchange.send(ActivityEvent.page(FeedStore.own(sql, caller.userId(), page(exchange))));
  }

  private void latest(Exchange exchange) {
    exchange.send(
        ActivityEvent.page(
            FeedStore.page(sql, page(exchange)).stream().map(FeedStore.Row::event).toList()));
  }

  private void stream(Exchange exchange) throws Exception {
    Optional<Long> after =
        exchange
            .requestHeader("Last-Event-ID")
            .map(String::strip)
            // Anything else is not of ours, and no reason to show nothing.
            .filter(id -> POSITION.matcher(id).matches())
            .map(Long::valueOf);
    try (FeedPlaces.Place _ = places.take(addresses.limitSubject(exchange))) {
      if (exchange.method().equals("HEAD")) {
        exchange.send(200, "text/event-stream; charset=utf-8", new byte[0]);
        return;
      }
      try (Subscription events = feed.subscribe(after)) {
        OutputStream body = exchange.eventStream();
        try (SseWriter writer =
            new SseWriter(exchange.streams(), body, SseWriter.Silence.PING, keepalive, stallMax)) {
          show(events, writer);
        }
        body.close();
      }
    }
  }

  private static void show(Subscription events, SseWriter writer) throws Exception {
    // The head leaves with it, however long nothing happens.
    writer.keepalive();
    for (var next = events.next(); next.isPresent(); next = events.next()) {
      PublicEvent event = next.get();
      writer.event(event.id(), event.json(), 0, event.json().length);
    }
    writer.restarting();
  }

  private static FeedStore.Page page(Exchange exchange) {
    long limit = exchange.queryInteger("limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
    long offset = exchange.queryInteger("offset", 0, 0, OFFSET_MAX);
    Optional<String> before = exchange.query("before");
    if (before.isPresent() && !UUID_TEXT.matcher(before.get()).matches()) {
      throw new Invalid(
          Invalid.Fault.of(
              "uuid_parsing", List.of("query", "before"), "Input should be a valid UUID"));
    }
    return new FeedStore.Page(limit, offset, before.map(UUID::fromString));
  }
}

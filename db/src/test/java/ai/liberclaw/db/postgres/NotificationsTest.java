package ai.liberclaw.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class NotificationsTest {
  @TempDir private static Path folder;

  @Test
  void everyChannelComesOverOneConnectionThatIsOpenedAgainWhenLost() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(PlatformDatabase.EMBEDDED + folder);
        Notifications notifications = new Notifications(database)) {
      BlockingQueue<Optional<String>> first = new LinkedBlockingQueue<>();
      BlockingQueue<Optional<String>> second = new LinkedBlockingQueue<>();
      notifications
          .on(
              "one",
              _ -> {
                throw new IllegalStateException("one that fails");
              })
          .on("one", first::add)
          .on("two", second::add)
          .start();
      assertThrows(IllegalStateException.class, () -> notifications.on("three", first::add));
      // Each is woken when listening begins.
      assertEquals(Optional.empty(), heard(first));
      assertEquals(Optional.empty(), heard(second));
      database.dsl().execute("select pg_notify('one', 'a')");
      assertEquals(Optional.of("a"), heard(first));

      database
          .dsl()
          .transaction(tx -> {
            tx.dsl().execute("select pg_notify('two', 'unheard')");
            int ended =
                database
                    .dsl()
                    .fetch(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                            + " where application_name = {0}",
                        DSL.val(Notifications.APPLICATION_NAME))
                    .size();
            assertEquals(1, ended);
          });
      assertEquals(Optional.empty(), heard(first), "something may have been missed");
      assertEquals(Optional.empty(), heard(second));
      database.dsl().execute("select pg_notify('two', 'b'), pg_notify('two', 'b')");
      assertEquals(Optional.of("b"), heard(second));
      database.dsl().execute("select pg_notify('two', 'c')");
      assertEquals(Optional.of("c"), heard(second), "the same said twice wakes once");
    }
  }

  private static Optional<String> heard(BlockingQueue<Optional<String>> queue) throws Exception {
    Optional<String> heard = queue.poll(20, TimeUnit.SECONDS);
    if (heard == null) {
      throw new AssertionError("not woken");
    }
    return heard;
  }
}

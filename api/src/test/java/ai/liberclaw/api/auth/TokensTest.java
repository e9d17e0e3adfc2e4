package ai.liberclaw.api.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.api.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A token that was good once is looked at again each time: for how long, and of what kind. */
class TokensTest {
  private static final Instant START = Instant.parse("2026-11-22T05:00:00Z");
  private static final Duration LIFETIME = Duration.ofMinutes(15);

  private final TestClock clock = TestClock.at(START);
  private final Tokens tokens =
      new Tokens(
          List.of("a-secret-of-more-than-thirty-two-bytes"), LIFETIME, Duration.ofDays(30), clock);
  private final UUID user = UUID.randomUUID();

  @Test
  void aTokenThatWasReadBeforeExpires() {
    String token = tokens.access(user, START);
    for (int i = 0; i < 3; i++) {
      assertEquals(Optional.of(new Tokens.Access(user, START)), tokens.readAccess(token));
    }
    clock.advance(LIFETIME.plusSeconds(31));
    assertTrue(tokens.readAccess(token).isEmpty());
  }

  @Test
  void aGoodTokenMakesNoOtherGood() {
    String token = tokens.access(user, START);
    assertTrue(tokens.readAccess(token).isPresent());
    int last = token.length() - 1;
    char other = token.charAt(last) == 'A' ? 'Q' : 'A';
    assertTrue(tokens.readAccess(token.substring(0, last) + other).isEmpty());
    assertTrue(tokens.readAccess(token.substring(0, last)).isEmpty());
    assertTrue(tokens.readRefresh(token).isEmpty(), "it is of the other kind");
    assertTrue(
        tokens.readAccess(tokens.refresh(user, UUID.randomUUID(), START)).isEmpty(), "so is that");
  }

  @Test
  void moreTokensThanAreKeptAreAllRead() {
    for (int i = 0; i < 10_500; i++) {
      UUID each = new UUID(0, i);
      assertEquals(
          Optional.of(new Tokens.Access(each, START)),
          tokens.readAccess(tokens.access(each, START)));
    }
  }
}

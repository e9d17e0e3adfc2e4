package ai.liberclaw.deploy.reconcile;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jooq.DSLContext;

/** What the operator sees of orphans and decides about them; done at the next comparison. */
public final class Orphans {
  private final DSLContext sql;
  private final Clock clock;

  public Orphans(DSLContext sql, Clock clock) {
    this.sql = sql;
    this.clock = clock;
  }

  /** Oldest first, those destroyed lately too. */
  public List<Orphan> list() {
    return OrphanStore.all(sql);
  }

  /** It may be destroyed, at once and however many others are; false when there is no such one. */
  public boolean destroy(String provider, String externalId) {
    return decide(provider, externalId, Orphan.State.APPROVED);
  }

  /** It stays for ever; false when there is no such one. */
  public boolean keep(String provider, String externalId) {
    return decide(provider, externalId, Orphan.State.OWNED);
  }

  private boolean decide(String provider, String externalId, Orphan.State state) {
    return OrphanStore.decide(
        sql, provider, externalId, state, clock.instant().truncatedTo(ChronoUnit.MICROS));
  }
}

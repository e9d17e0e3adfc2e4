package ai.liberclaw.deploy.keyring;

import ai.liberclaw.core.secret.FernetKeys;
import ai.liberclaw.core.secret.InvalidTokenException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/**
 * Brings everything that is sealed in the database under the current key of the ring. Row by row,
 * beside running servers, and again as often as wanted: a row that changes meanwhile is left to
 * whoever changed it.
 */
public final class KeyRotation {
  private static final int PAGE_ROWS = 500;

  private final DSLContext sql;
  private final List<SealedStore.Column<?>> columns;
  private final int pageRows;

  public KeyRotation(DSLContext sql, FernetKeys keys) {
    this(sql, keys, PAGE_ROWS);
  }

  /**
   * @param pageRows read at a time
   */
  KeyRotation(DSLContext sql, FernetKeys keys, int pageRows) {
    this.sql = sql;
    this.pageRows = pageRows;
    this.columns = SealedStore.columns(keys);
  }

  /**
   * What one column holds.
   *
   * @param column {@code table.column}
   * @param current under the current key, those included that were just brought there
   * @param older under another key of the ring
   * @param unreadable under none of its keys
   * @param renewed how many were brought under the current key now
   */
  public record Count(String column, long current, long older, long unreadable, long renewed) {}

  /** Only counts. */
  public List<Count> count() throws InterruptedException {
    return each(false);
  }

  /** Changes what is under an older key, and counts. What no key reads stays as it is. */
  public List<Count> rotate() throws InterruptedException {
    return each(true);
  }

  private List<Count> each(boolean change) throws InterruptedException {
    List<Count> counts = new ArrayList<>();
    for (SealedStore.Column<?> column : columns) {
      counts.add(go(column, change));
    }
    return counts;
  }

  private Count go(SealedStore.Column<?> column, boolean change) throws InterruptedException {
    long current = 0;
    long older = 0;
    long unreadable = 0;
    long renewed = 0;
    Optional<UUID> above = Optional.empty();
    while (true) {
      List<SealedStore.Row> rows = SealedStore.page(sql, column, above, pageRows);
      for (SealedStore.Row row : rows) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        above = Optional.of(row.id());
        try {
          Optional<String> sealed = column.renewal().renewed(row.id(), row.sealed());
          if (sealed.isEmpty()) {
            current++;
          } else if (change && SealedStore.replace(sql, column, row, sealed.get())) {
            current++;
            renewed++;
          } else {
            older++;
          }
        } catch (InvalidTokenException _) {
          unreadable++;
        }
      }
      if (rows.size() < pageRows) {
        return new Count(column.name(), current, older, unreadable, renewed);
      }
    }
  }
}

package ai.liberclaw.db.postgres;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.SQLDataType.INSTANT;
import static org.jooq.impl.SQLDataType.LOCALDATE;
import static org.jooq.impl.SQLDataType.UUID;
import static org.jooq.impl.SQLDataType.VARCHAR;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.db.RenderedQuery;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was rendered once answers as the same query of jOOQ's does, within transactions too. */
class RenderedQueryTest {
  private static final Field<UUID> ID = field(name("id"), UUID);
  private static final Field<String> NAME = field(name("name"), VARCHAR);
  private static final Field<LocalDate> DAY = field(name("day"), LOCALDATE);
  private static final Field<Instant> AT = field(name("at"), INSTANT);
  private static final Param<String> WANTED = param("wanted", String.class);
  private static final Param<UUID> LEAST = param("least", UUID.class);
  private static final Param<LocalDate> FROM = param("from_day", LocalDate.class);

  @TempDir private Path folder;

  @Test
  void valuesGoWhereTheirParametersAre() {
    try (EmbeddedServer server = EmbeddedServer.start(folder);
        PlatformDatabase database = PlatformDatabase.open(server.createDatabase("rendered"))) {
      database.dsl().execute("create table things (id uuid, name text, day date, at timestamptz)");
      UUID one = new UUID(0, 1);
      UUID two = new UUID(0, 2);
      Instant at = Instant.parse("2026-11-22T05:00:00.123456Z");
      LocalDate day = LocalDate.of(2026, 11, 22);
      for (UUID id : List.of(one, two)) {
        database
            .dsl()
            .insertInto(table(name("things")), ID, NAME, DAY, AT)
            .values(id, "it's :odd ?", day, at)
            .execute();
      }
      // The same parameter twice, and all in another order than the values are given in.
      Select<?> query =
          select(ID, NAME, DAY, AT, inline("a").as("letter"))
              .from(table(name("things")))
              .where(DAY.ge(FROM))
              .and(NAME.eq(WANTED).or(WANTED.eq(inline("anything"))))
              .and(ID.ge(LEAST))
              .orderBy(ID);
      RenderedQuery rendered = RenderedQuery.of(SQLDialect.POSTGRES, query, WANTED, LEAST, FROM);

      Result<Record> found = rendered.fetch(database.dsl(), "it's :odd ?", one, day);
      assertEquals(List.of(one, two), found.getValues(ID));
      assertEquals(at, found.getFirst().get(AT));
      assertEquals(day, found.getFirst().get(DAY));
      assertEquals("a", found.getFirst().get("letter"));
      assertEquals(
          List.of(two), rendered.fetch(database.dsl(), "anything", two, day).getValues(ID));
      assertEquals(0, rendered.fetch(database.dsl(), "other", one, day).size());
      assertEquals(0, rendered.fetch(database.dsl(), "anything", one, day.plusDays(1)).size());

      int within =
          database.transaction(tx -> {
            tx.execute("delete from things");
            return rendered.fetch(tx, "anything", one, day).size();
          });
      assertEquals(0, within, "it sees what its transaction did");
      assertThrows(IllegalArgumentException.class, () -> rendered.fetch(database.dsl(), "too few"));
    }
  }

  @Test
  void valuesAreGivenInTheOrderInWhichTheyStandInTheText() {
    try (EmbeddedServer server = EmbeddedServer.start(folder);
        PlatformDatabase database = PlatformDatabase.open(server.createDatabase("rendered"))) {
      Param<Long[]> numbers = param("numbers", Long[].class);
      Param<Instant> at = param("at", Instant.class);
      RenderedQuery rendered =
          RenderedQuery.of(
              SQLDialect.POSTGRES,
              select(at.as("at"), WANTED.as("wanted"), numbers.as("numbers"), WANTED.as("again")));
      Instant noon = Instant.parse("2026-11-22T12:00:00.000001Z");
      Long[] some = {3L, -1L, Long.MAX_VALUE};

      Record row =
          rendered.fetch(database.dsl(), noon.atOffset(ZoneOffset.UTC), null, some).getFirst();
      assertEquals(noon, row.get(0));
      assertNull(row.get(1));
      assertArrayEquals(some, (Object[]) row.get(2));
      assertNull(row.get(3));
    }
  }

  @Test
  void aValueThatCannotBeGivenIsRefusedAtOnce() {
    Select<?> query = select(ID).from(table(name("things"))).where(NAME.eq(val("fixed")));
    assertThrows(
        IllegalArgumentException.class, () -> RenderedQuery.of(SQLDialect.POSTGRES, query));
  }
}

package ai.liberclaw.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * A query of jOOQ's that is turned into text once, for the few that every request makes: building
 * and rendering them each time takes about as much CPU as the database's answer. Holds no
 * connection; safe for any number of threads.
 */
public final class RenderedQuery {
  /** As jOOQ marks it; two colons are a cast. */
  private static final Pattern PARAMETER = Pattern.compile("(?<!:):(\\w+)");

  private final String text;
  private final Field<?>[] fields;
  private final int values;

  /** Of each question mark, which of the values it stands for. */
  private final List<Integer> places = new ArrayList<>();

  private RenderedQuery(SQLDialect dialect, Select<?> query, List<Param<?>> params) {
    List<String> names =
        params.stream().map(param -> String.valueOf(param.getParamName())).toList();
    String marked = DSL.using(dialect).renderNamedParams(query);
    Matcher matcher = PARAMETER.matcher(marked);
    while (matcher.find()) {
      int place = names.indexOf(matcher.group(1));
      if (place < 0) {
        throw new IllegalArgumentException("neither inlined nor a parameter: " + matcher.group(1));
      }
      places.add(place);
    }
    text = matcher.replaceAll("?");
    fields = query.fields();
    values = params.size();
  }

  /**
   * @param query whose values are inlined or parameters with names; {@link #fetch} is given their
   *     values in the order in which they first stand in it
   */
  public static RenderedQuery of(SQLDialect dialect, Select<?> query) {
    List<Param<?>> params =
        query.getParams().values().stream().filter(param -> !param.isInline()).toList();
    return new RenderedQuery(dialect, query, params);
  }

  /**
   * @param query whose values are inlined or parameters with names
   * @param params in the order in which {@link #fetch} is given their values
   */
  public static RenderedQuery of(SQLDialect dialect, Select<?> query, Param<?>... params) {
    return new RenderedQuery(dialect, query, Arrays.asList(params));
  }

  /**
   * Runs it in a context's transaction, or in one of its own.
   *
   * @param values of types that the driver knows: {@code UUID}, {@code String}, {@code LocalDate},
   *     {@code OffsetDateTime}, numbers, booleans, arrays of them, null
   * @throws org.jooq.exception.DataAccessException when the database fails
   */
  public Result<Record> fetch(DSLContext sql, @Nullable Object... values) {
    if (values.length != this.values) {
      throw new IllegalArgumentException(values.length + " values for " + this.values);
    }
    return sql.connectionResult(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(text)) {
        for (int i = 0; i < places.size(); i++) {
          statement.setObject(i + 1, values[places.get(i)]);
        }
        try (ResultSet rows = statement.executeQuery()) {
          return sql.fetch(rows, fields);
        }
      }
    });
  }
}

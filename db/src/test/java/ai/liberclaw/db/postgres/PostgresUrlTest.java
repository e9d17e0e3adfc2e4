package ai.liberclaw.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.liberclaw.db.DatabaseException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          postgresql+asyncpg://localhost/liberclaw,             jdbc:postgresql://localhost/liberclaw,             '', ''
          postgresql://ada:pw@db.example:6432/claw,             jdbc:postgresql://db.example:6432/claw,            ada, pw
          postgres://ada:p%40%2Fw+x@[::1]:5432/claw,            jdbc:postgresql://[::1]:5432/claw,                 ada, p@/w+x
          postgresql://ada:p@w:x@db/claw?sslmode=require,       jdbc:postgresql://db/claw?sslmode=require,         ada, p@w:x
          postgresql+asyncpg://ada@db/claw?ssl=require,         jdbc:postgresql://db/claw?sslmode=require,         ada, ''
          jdbc:postgresql://db/claw?user=ada&password=p%26w&a=b, jdbc:postgresql://db/claw?a=b,                    ada, p&w
          postgresql:///claw,                                   jdbc:postgresql://localhost/claw,                  '', ''
          """)
  void takesUserAndPasswordOutOfEveryForm(String url, String jdbc, String user, String password) {
    PostgresUrl parsed = PostgresUrl.parse(url);
    assertEquals(jdbc, parsed.jdbc());
    assertEquals(Optional.of(user).filter(name -> !name.isEmpty()), parsed.user());
    assertEquals(Optional.of(password).filter(word -> !word.isEmpty()), parsed.password());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://a:secret@b/c",
        "secret",
        "postgresql://ada:secret@db",
        "postgresql://ada:secret@db/"
      })
  void refusesWhatItCanNotUseWithoutRepeatingIt(String url) {
    DatabaseException refused = assertThrows(DatabaseException.class, () -> PostgresUrl.parse(url));
    assertFalse(String.valueOf(refused.getMessage()).contains("secret"));
  }

  @Test
  void isShownWithoutThePassword() {
    assertEquals(
        "db:5432/claw",
        PostgresUrl.parse("postgresql://ada:secret@db:5432/claw?password=secret").toString());
    assertFalse(
        new PlatformDatabase.Settings("postgresql://ada:secret@db/claw")
            .toString()
            .contains("secret"));
  }
}

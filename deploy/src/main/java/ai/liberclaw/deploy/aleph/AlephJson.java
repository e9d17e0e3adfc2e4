package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;

/** JSON as the network's own kit writes it: no blanks, ASCII alone, times with a fraction. */
final class AlephJson {
  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .build()
          .writer();

  private AlephJson() {}

  static String write(JsonNode node) {
    try {
      return WRITER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Seconds since 1970 to the microsecond; a whole number ends in {@code .0}. */
  static BigDecimal time(Instant instant) {
    BigDecimal seconds =
        BigDecimal.valueOf(instant.getEpochSecond())
            .add(BigDecimal.valueOf(instant.getNano() / 1000, 6))
            .stripTrailingZeros();
    // A negative scale would be written with an exponent.
    return seconds.scale() < 1 ? seconds.setScale(1) : seconds;
  }

  /** A content begins with who pays and when. */
  static ObjectNode content(String address, Instant time) {
    return Json.object().put("address", address).put("time", time(time));
  }
}

package ai.liberclaw.deploy.aleph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.deploy.aleph.Rejection.Cause;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the network's codes mean to us. */
final class RejectionTest {
  @ParameterizedTest
  @CsvSource({
    "-1, NOT_YET",
    "0, MESSAGE",
    "1, MESSAGE",
    "2, MESSAGE",
    "3, NOT_YET",
    "4, NOT_YET",
    "5, CREDITS",
    "6, CREDITS",
    "202, MESSAGE",
    "300, NOT_YET",
    "301, NOT_YET",
    "302, MESSAGE",
    "303, MESSAGE",
    "304, MESSAGE",
    "500, MESSAGE",
    "501, NOT_YET",
    "502, MESSAGE",
    "503, MESSAGE",
    "504, MESSAGE",
    "99999, MESSAGE"
  })
  void everyCodeHasACause(int code, Cause cause) {
    assertEquals(cause, Rejection.of(Json.object().put("error_code", code)).cause());
  }

  @Test
  void theAmountsAreRead() {
    Rejection rejection =
        Rejection.of(
            Json.parse(
                """
                {"status":"rejected","error_code":6,"details":{"errors":[
                  {"required_credits":"342000.5","account_credits":"12","min_runtime_days":"1"}]}}
                """));
    assertEquals(Optional.of(new BigDecimal("342000.5")), rejection.requiredCredits());
    assertEquals(Optional.of(new BigDecimal("12")), rejection.accountCredits());
    assertEquals("no_credits", rejection.word());
  }

  @Test
  void theTableHasThePriceOfTheReference() {
    assertEquals(
        0,
        new BigDecimal("342000")
            .compareTo(
                AlephNetwork.tablePrice(new InstanceContent.MachineSize(1, 2048, 20_480))
                    .multiply(new BigDecimal(86_400))
                    .setScale(6, RoundingMode.HALF_UP)));
  }
}

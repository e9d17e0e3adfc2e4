package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.api.openapi.OpenApi;
import ai.liberclaw.core.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The reference page is what the description of the API says; {@code make reference} writes it. */
class ApiReferenceTest {
  private static final Path PAGE = Path.of("../docs/api-reference.md");

  @Test
  void thePageIsUpToDate() throws Exception {
    String text = new ApiReference(Json.parse(OpenApi.document())).markdown();
    if (Boolean.getBoolean("reference.write")) {
      Files.writeString(PAGE, text);
    }
    assertEquals(text, Files.readString(PAGE), "run make reference");
  }
}

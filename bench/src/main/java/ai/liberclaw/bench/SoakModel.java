package ai.liberclaw.bench;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.testkit.model.ModelAnswer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Random;
import java.util.function.Function;

/** A model that calls random tools, talks at random length, and fails in every way it can. */
final class SoakModel implements Function<ObjectNode, ModelAnswer> {
  private final Random random;

  SoakModel(long seed) {
    random = new Random(seed);
  }

  @Override
  public synchronized ModelAnswer apply(ObjectNode request) {
    return switch (random.nextInt(20)) {
      case 0 -> ModelAnswer.error(429, "{\"error\":{\"message\":\"slow down\"}}");
      case 1 -> ModelAnswer.error(500, "oops");
      case 2 -> ModelAnswer.text(words()).with(ModelAnswer.Break.CUT, 2);
      case 3 -> ModelAnswer.text(words()).with(ModelAnswer.Break.MALFORMED, 1);
      case 4 -> ModelAnswer.text(words()).withWritesOf(3);
      case 5 -> tool().with(ModelAnswer.Break.CUT, 1);
      case 6, 7, 8, 9, 10, 11, 12 -> request.has("tools") ? tool() : ModelAnswer.text(words());
      default -> ModelAnswer.text(words()).withChunkPause(Duration.ofMillis(random.nextInt(10)));
    };
  }

  private ModelAnswer tool() {
    return switch (random.nextInt(6)) {
      case 0 ->
          call("bash", Json.object().put("command", "echo $((" + random.nextInt(99) + "*7))"));
      case 1 -> call("bash", Json.object().put("command", "seq 1 " + random.nextInt(20_000)));
      case 2 -> call("write_file", file().put("content", words()));
      case 3 -> call("read_file", file());
      case 4 -> call("list_dir", Json.object().put("path", "."));
      default -> ModelAnswer.call("bash", "{\"command\": \"echo broken");
    };
  }

  private ObjectNode file() {
    return Json.object().put("path", "notes/" + random.nextInt(50) + ".txt");
  }

  private String words() {
    return "lorem ipsum dolor \u00e9\u4e2d\ud83d\ude00 ".repeat(1 + random.nextInt(60)).strip();
  }

  private static ModelAnswer call(String tool, ObjectNode arguments) {
    return ModelAnswer.call(tool, Json.write(arguments));
  }
}

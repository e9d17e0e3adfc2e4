package ai.liberclaw.agent.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.testkit.model.ModelAnswer;
import ai.liberclaw.testkit.model.ModelServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class VisionModelTest {
  private final ModelServer server = ModelServer.start();
  private final ModelServer eyes = ModelServer.start();
  private final List<String> log = new ArrayList<>();

  private final VisionLog kept =
      new VisionLog() {
        @Override
        public void delegated(String turnId, String imageId, String model, boolean ok) {
          log.add(turnId + " " + imageId + " " + model + " " + ok);
        }

        @Override
        public void described(String chatId, Image image) {
          log.add(chatId + " " + image.base64() + " " + image.description());
        }

        @Override
        public void answered(String turnId, Model asked, Reply reply) {}
      };

  @AfterEach
  void close() {
    server.close();
    eyes.close();
  }

  private Vision vision(boolean delegate) {
    VisionSettings settings =
        new VisionSettings(Map.of("seeing", true, "blind", false), 4, "", "painter");
    HttpModel delegated =
        new HttpModel(new OpenAiWire(eyes.baseUrl(), "k", "eyes"), "eyes", Providers.QUICK);
    return new Vision(settings, delegate ? Optional.of(delegated) : Optional.empty(), kept);
  }

  private VisionModel model(String name, Vision vision) {
    VisionModel model =
        new VisionModel(
            new HttpModel(new OpenAiWire(server.baseUrl(), "k", name), name, Providers.QUICK),
            vision);
    vision.of(model::sees);
    return model;
  }

  private static Message.User user(String text, int from, int to) {
    return new Message.User(
        text,
        IntStream.rangeClosed(from, to).mapToObj(n -> new Image("image/png", "AAA" + n)).toList());
  }

  private JsonNode asked(Model model, Message... messages) throws Exception {
    server.enqueue(ModelAnswer.text("ok"));
    model.reply(new ModelRequest(List.of(messages), List.of()), ReplyListener.silent());
    return server.lastRequest().messages();
  }

  @Test
  void aModelThatSeesGetsTheNewest() throws Exception {
    JsonNode sent =
        asked(
            model("seeing", vision(true)).forTurn("c", "t"),
            user("old", 1, 2),
            new Message.Assistant("seen", List.of()),
            user("new", 3, 6));
    assertEquals("old\n[image omitted]\n[image omitted]", sent.at("/0/content").asText());
    assertEquals(5, sent.at("/2/content").size());
    assertEquals("data:image/png;base64,AAA3", sent.at("/2/content/1/image_url/url").asText());
    assertEquals(0, eyes.requests().size());
  }

  @Test
  void forOneThatDoesNotAnotherPutsThemIntoWords() throws Exception {
    eyes.enqueue(ModelAnswer.text("a cat"), ModelAnswer.error(400, "no"));
    Vision vision = vision(true);
    Model turn = model("blind", vision).forTurn("c", "t");
    JsonNode sent = asked(turn, user("Look", 1, 2));
    assertEquals("Look\n[Image 1: a cat]\n[Image 2: unavailable]", sent.at("/0/content").asText());
    assertEquals(List.of("t 1 eyes true", "c AAA1 a cat", "t 2 eyes false"), log);
    assertEquals(
        "data:image/png;base64,AAA1",
        eyes.requests().getFirst().messages().at("/0/content/1/image_url/url").asText());

    // Nobody is asked twice in a turn, and numbers stay.
    eyes.enqueue(ModelAnswer.text("a dog"));
    sent = asked(turn, user("Look", 1, 2), user("[tool images]", 3, 3));
    assertEquals("Look\n[Image 1: a cat]\n[Image 2: unavailable]", sent.at("/0/content").asText());
    assertEquals("[tool images]\n[Image 3: a dog]", sent.at("/1/content").asText());
    assertEquals(3, eyes.requests().size());

    eyes.enqueue(ModelAnswer.text("It is black."));
    assertEquals(Optional.of("It is black."), vision.ask("t", 1, "Which colour?"));
    assertEquals(Optional.empty(), vision.ask("t", 4, "Which colour?"));
    assertEquals(Optional.empty(), vision.ask("other", 1, "Which colour?"));
    assertEquals(3, vision.pictures("t"));
  }

  @Test
  void aDescriptionThatIsThereIsUsed() throws Exception {
    Message described =
        new Message.User("Look", List.of(new Image("image/png", "AAA1", "a cat of old")));
    JsonNode sent = asked(model("blind", vision(true)).forTurn("c", "t"), described);
    assertEquals("Look\n[Image 1: a cat of old]", sent.at("/0/content").asText());
    assertEquals(0, eyes.requests().size());
    assertTrue(log.isEmpty());
  }

  @Test
  void onlySoManyAreDescribedForOneRequest() throws Exception {
    eyes.respond(_ -> ModelAnswer.text("x"));
    JsonNode sent = asked(model("blind", vision(true)).forTurn("c", "t"), user("Look", 1, 12));
    assertEquals(VisionModel.DESCRIBED_MAX, eyes.requests().size());
    assertTrue(
        sent.at("/0/content")
            .asText()
            .startsWith("Look\n[image omitted]\n[image omitted]\n[Image 3"));
  }

  @Test
  void withoutAnybodyWhoSeesTheyAreUnavailable() throws Exception {
    Vision vision = vision(false);
    Model blind = model("blind", vision);
    JsonNode sent = asked(blind.forTurn("c", "t"), user("Look", 1, 1));
    assertEquals("Look\n[Image 1: unavailable]", sent.at("/0/content").asText());
    assertEquals("Look\n[image]", asked(blind, user("Look", 1, 1)).at("/0/content").asText());
    assertEquals(Optional.empty(), vision.capability());
  }

  @Test
  void theCapabilityFollowsTheModel() {
    Vision seeing = vision(true);
    model("seeing", seeing);
    assertEquals(Optional.of("vision"), seeing.capability());
    Vision blind = vision(true);
    model("blind", blind);
    assertEquals(Optional.of("vision_delegated"), blind.capability());
    assertTrue(blind.isDelegated());
    Vision unknown = vision(true);
    model("whatever", unknown);
    assertEquals(Optional.of("vision"), unknown.capability());
    Vision table = vision(true);
    model("claw-large", table);
    assertEquals(Optional.of("vision_delegated"), table.capability());
  }
}

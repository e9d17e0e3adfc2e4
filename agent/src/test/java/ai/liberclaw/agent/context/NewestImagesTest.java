package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.agent.model.Image;
import ai.liberclaw.agent.model.Message;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewestImagesTest {
  private static final Image IMAGE = new Image("image/png", "QUJD", "a cat");

  private final History stored =
      new History() {
        @Override
        public List<Row> rows(String chatId) {
          return List.of(
              Row.of(1, new Message.User("old", List.of(IMAGE))),
              Row.of(2, new Message.User("text")),
              Row.of(3, new Message.User("new", List.of(IMAGE, IMAGE))));
        }

        @Override
        public void compact(
            String chatId, List<Long> rowIds, String summary, String acknowledgement) {
          throw new UnsupportedOperationException();
        }
      };

  private List<Message> shown(int max, boolean sees) {
    History newest = new NewestImages(stored, max, () -> sees);
    return newest.rows("c").stream().map(Row::message).toList();
  }

  @Test
  void olderPicturesLeaveANote() {
    assertEquals(
        List.of(
            new Message.User("old\n[image omitted]"),
            new Message.User("text"),
            new Message.User("new", List.of(IMAGE, IMAGE))),
        shown(2, true));
    assertEquals(
        new Message.User("new\n[image omitted]", List.of(IMAGE)), shown(1, true).getLast());
  }

  @Test
  void allStayWithoutABoundOrForAModelThatIsToldInWords() {
    List<Message> all = stored.rows("c").stream().map(Row::message).toList();
    assertEquals(all, shown(0, true));
    assertEquals(all, shown(1, false));
  }

  @Test
  void picturesCountAsTokensAndBecomeWordsInSummaries() {
    Message.User two = new Message.User("x", Collections.nCopies(2, IMAGE));
    assertEquals(2_000, Tokens.guess(two) - Tokens.guess(new Message.User("x")));
    assertEquals("x\n[image: a cat]\n[image: a cat]", two.inWords().content());
    assertEquals(
        "[image]",
        new Message.User("", List.of(new Image("image/png", "QUJD"))).inWords().content());
  }
}

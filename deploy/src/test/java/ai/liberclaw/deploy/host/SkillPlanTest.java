package ai.liberclaw.deploy.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SkillPlanTest {
  private static final String OURS = SkillPlan.hash("ours");

  @Test
  void writesWhatIsNewAndRemovesWhatIsNoLongerChosen() {
    SkillPlan plan =
        SkillPlan.of("managed old " + OURS + "\nfile old " + OURS + "\n", Map.of("new", "text"));
    assertEquals(Map.of("new", "text"), plan.written());
    assertEquals(List.of("old"), plan.removed());
    assertEquals(List.of(), plan.edited());
    assertEquals(Map.of("new", SkillPlan.hash("text")), plan.managed());
  }

  @Test
  void leavesWhatSomebodyEditedOrMade() {
    String theirs = SkillPlan.hash("theirs");
    SkillPlan plan =
        SkillPlan.of(
            "managed a %s\nfile a %s\nfile b %s\nother c\n".formatted(OURS, theirs, theirs),
            Map.of("a", "1", "b", "2", "c", "3"));
    assertEquals(Map.of(), plan.written());
    assertEquals(List.of("a", "b", "c"), plan.edited());
    assertEquals(Map.of("a", OURS), plan.managed());
  }

  @Test
  void writesNothingThroughALink() {
    SkillPlan plan = SkillPlan.of("blocked\n", Map.of("a", "1"));
    assertEquals(Map.of(), plan.written());
    assertEquals(List.of("a"), plan.edited());
  }

  @Test
  void writesAgainWhatWasDeleted() {
    SkillPlan plan = SkillPlan.of("managed a " + OURS + "\n", Map.of("a", "ours"));
    assertEquals(Map.of("a", "ours"), plan.written());
  }
}

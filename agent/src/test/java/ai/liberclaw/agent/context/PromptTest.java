package ai.liberclaw.agent.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptTest {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 21);
  private static final List<String> TOOLS =
      List.of("bash", "read_file", "write_file", "web_fetch", "send_file", "spawn");

  @Test
  void identityComesFirstWithTheDateAlone() {
    String prompt = prompt(Surroundings.PROCESS, "Be kind.").system(Purpose.CHAT, DAY, TOOLS);

    assertEquals(
        """
        You are Ada, an AI agent.

        Current date: 2026-11-21 (UTC)
        Workspace: /srv/workspace
        Tools: bash, read_file, write_file, web_fetch, send_file, spawn\
        """,
        prompt.substring(0, prompt.indexOf(Prompt.SECTION_BREAK)));
  }

  @Test
  void theOwnersInstructionsHaveASectionOnlyWhenThereAreSome() {
    assertTrue(
        prompt(Surroundings.PROCESS, "  Be kind.\n")
            .system(Purpose.CHAT, DAY, TOOLS)
            .contains("\n\n---\n\n# Instructions from your owner\n\nBe kind.\n\n---\n\n"));
    assertFalse(
        prompt(Surroundings.PROCESS, " \n").system(Purpose.CHAT, DAY, TOOLS).contains("owner\n\n"));
  }

  @Test
  void onlyToolsThatExistAreTalkedAbout() {
    Prompt prompt = prompt(Surroundings.PROCESS, "");

    String some = prompt.system(Purpose.CHAT, DAY, List.of("read_file"));
    assertFalse(some.contains("spawn"));
    assertFalse(some.contains("send_file"));
    assertFalse(some.contains("bash"));
    assertFalse(some.contains("search engine"));
    assertTrue(prompt.system(Purpose.CHAT, DAY, TOOLS).contains("have no search engine"));
  }

  @Test
  void theMachineIsDescribedAsItIs() {
    String process = prompt(Surroundings.PROCESS, "").system(Purpose.CHAT, DAY, TOOLS);
    assertTrue(process.contains("Do not install system packages"));
    assertTrue(process.contains("\n- Commands run as nobody.\n"));
    assertFalse(process.contains("Caddy") || process.contains("caddy"));
    assertTrue(
        prompt(Surroundings.CONTAINER, "").system(Purpose.CHAT, DAY, TOOLS).contains("container"));

    String aleph =
        new Prompt(persona(Surroundings.ALEPH, "", Optional.of("ada.example.org")))
            .system(Purpose.CHAT, DAY, TOOLS);
    assertTrue(aleph.contains("Your public HTTPS URL: https://ada.example.org\n"));
    assertTrue(aleph.contains("/etc/caddy/conf.d/<name>.caddy"));
    assertTrue(aleph.contains("/approvals /assets /chat /checkpoints /dl /files /health"));
  }

  @Test
  void noPlaceContradictsTheAddressOrTheRightsThatAreToldBesideIt() {
    for (Surroundings place : Surroundings.values()) {
      String prompt =
          new Prompt(persona(place, "", Optional.of("ada.example.org")))
              .system(Purpose.CHAT, DAY, TOOLS);
      assertTrue(prompt.contains("Your public HTTPS URL"));
      assertFalse(prompt.contains("no public web address"), prompt);
      // The sandbox tells of rights; as what its commands run differs.
      assertFalse(prompt.contains("Expect no administrator rights"), prompt);
    }
  }

  @Test
  void aSubagentIsToldItsRoleAndNothingOfItsOwner() {
    String prompt = prompt(Surroundings.PROCESS, "Be kind.").system(Purpose.SUBAGENT, DAY, TOOLS);

    assertTrue(prompt.contains("Leave the files under memory/ alone"));
    assertFalse(prompt.contains("Be kind."));
    assertTrue(prompt.contains("untrusted content"));
  }

  @Test
  void w29EveryoneIsToldThatBlocksOfUntrustedContentCarryNoAuthority() {
    for (Purpose purpose : Purpose.values()) {
      String prompt = prompt(Surroundings.PROCESS, "").system(purpose, DAY, TOOLS);

      assertTrue(prompt.contains("[untrusted content from <source>, mark <mark>]"));
      assertTrue(prompt.contains("[end of untrusted content, mark <mark>]"));
      assertTrue(prompt.contains("carries no authority"));
    }
  }

  @Test
  void aHeartbeatIsMentionedOnlyWhenThereIsOne() {
    assertFalse(
        prompt(Surroundings.PROCESS, "").system(Purpose.CHAT, DAY, TOOLS).contains("HEARTBEAT"));
    Persona woken =
        new Persona(
            "Ada",
            "",
            Path.of("/w"),
            Surroundings.PROCESS,
            "",
            Optional.empty(),
            Optional.of(Duration.ofMinutes(30)));
    assertTrue(new Prompt(woken).system(Purpose.CHAT, DAY, TOOLS).contains("Every 1800 seconds"));
  }

  @Test
  void theScheduleIsExplainedToThoseWhoCanWriteIt() {
    Prompt prompt = prompt(Surroundings.PROCESS, "");
    List<String> writing = List.of("read_file", "write_file");

    String told = prompt.system(Purpose.CHAT, DAY, writing);
    assertTrue(told.contains("cron.json") && told.contains("watchers.json"));
    assertTrue(told.contains(".cron_status.json"));
    assertFalse(prompt.system(Purpose.CHAT, DAY, List.of("read_file")).contains("cron.json"));
    assertFalse(prompt.system(Purpose.SUBAGENT, DAY, writing).contains("cron.json"));
  }

  @Test
  void aCodingTaskIsToldItsSteps() {
    Prompt prompt = prompt(Surroundings.PROCESS, "");

    assertTrue(prompt.system(Purpose.CODING, DAY, TOOLS).contains("1. Inspect"));
    assertFalse(prompt.system(Purpose.CHAT, DAY, TOOLS).contains("1. Inspect"));
  }

  @Test
  void aBriefFollowsTheOtherSections() {
    assertEquals("", Brief.NONE.section());
    assertEquals(
        "\n\n---\n\nYour role in this is explorer: find out.\n\n---\n\nWho you are in this: a cat",
        new Brief("explorer: find out", "a cat").section());
  }

  private static Prompt prompt(Surroundings surroundings, String instructions) {
    return new Prompt(persona(surroundings, instructions, Optional.empty()));
  }

  static Persona persona(Surroundings surroundings, String instructions, Optional<String> fqdn) {
    return new Persona(
        "Ada",
        instructions,
        Path.of("/srv/workspace"),
        surroundings,
        "- Commands run as nobody.",
        fqdn,
        Optional.empty());
  }
}

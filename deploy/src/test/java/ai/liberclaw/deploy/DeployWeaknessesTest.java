package ai.liberclaw.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * Which tests show that a weakness of the original's deployer is not one of ours, by its number. A
 * row that names a test which is not there is a promise that nobody checks.
 */
final class DeployWeaknessesTest {
  private static final int WEAKNESSES = 34;
  private static final Pattern FETCHING =
      Pattern.compile("\\b(apt|apt-get|dpkg|pip3?|npm|curl|wget|add-apt-repository)\\b");

  private static final Map<Integer, List<String>> TESTS = new TreeMap<>();

  static {
    // Leaks and money.
    shown(
        1,
        "provider.aleph.AlephProviderTest#theRowIsThereBeforeTheOrderGoesOut",
        "provider.aleph.AlephProviderTest#anOrderThatWasNeverSentIsGivenUpWithoutAsking",
        "PoolTest#failuresInARowAreToldAndLeaveNothing",
        "PoolTest#anotherServerGoesOnWithWhatOneBegan");
    shown(
        2,
        "PoolTest#failuresInARowAreToldAndLeaveNothing",
        "PoolTest#noMoreMachinesAreMadeThanTheOperatorAllows");
    shown(
        3,
        "provider.aleph.AlephProviderTest#lackOfCreditsBlamesNoNode",
        "provider.aleph.AlephProviderTest#theLimitsOfSpendingAreNamed",
        "provider.aleph.AlephProviderTest#alarmsComeAsTheCreditsGo",
        "provider.aleph.AlephProviderTest#aPriceThatNobodyQuotesIsTheOneTheNetworkPublishes",
        "pool.PoolPlanTest#aDrainedPoolKeepsNothing",
        "PoolTest#machinesThatWaitGoFirstWhenMoneyRunsOut");
    shown(
        4,
        "provider.aleph.AlephProviderTest#lackOfCreditsBlamesNoNode",
        "provider.aleph.AlephProviderTest#aRefusedMessageBlamesNoNode",
        "aleph.RejectionTest#everyCodeHasACause");
    shown(
        5,
        "provider.aleph.AlephProviderTest#aMachineThatStaysIsNotTakenForGone",
        "provider.aleph.AlephProviderTest#aSilentNodeIsAskedAgainByTheInventory",
        "DestroyTest#c20AFailedDestroyIsTriedUntilNothingIsLeft");
    shown(
        6,
        "provider.aleph.AlephProviderTest#theInventoryHoldsOursAndNobodyElses",
        "ReconcileTest#whatNobodyOwnsIsDestroyedAfterItsQuarantineAndNothingElse",
        "ReconcileTest#manyAtOnceWaitForTheOperator",
        "ReconcileTest#anAgentWhoseMachineIsGoneIsDegradedAndItsOwnerTold");
    shown(
        7,
        "AgentsTest#a10OfSimultaneousRedeploysExactlyOneIsAccepted",
        "DeploymentTest#a10RebuildsInTheMiddleOfOneAnotherLeaveOnePlace",
        "provider.aleph.AlephProviderTest#anOrderThatWasNeverSentIsGivenUpWithoutAsking");

    // Durability.
    shown(
        8,
        "CrashTest#c14ACreationGoesOnWhereItsWorkerDied",
        "CrashTest#aServerKilledInAllItDoesIsFollowedByAnother",
        "job.JobRunnerTest#c14AJobWhoseServerDiedBeforeItBeganIsTakenByAnother",
        "job.JobRunnerTest#c15ALogIsBoundedAndHoldsNoSecret");
    shown(9, "provider.aleph.AlephProviderTest#aNodeThatFailedOneServerIsAvoidedByTheNext");

    // Pool races.
    shown(10, "pool.PoolClaimTest#ofManyAgentsAtOnceNoTwoGetTheSameMachine");
    shown(
        11,
        "PoolTest#theSchemaRefusesToMakeAClaimedMachineWarm",
        "PoolPropertyTest#noMachineServesTwoAgentsHoweverServersDie");
    shown(12, "pool.PoolClaimTest#anAgeIsTheSameInEveryTimeZone");
    shown(
        13,
        "PoolTest#anUnfitMachineIsNotHandedOut",
        "PoolTest#aMachineThatTurnsUnfitWhileItWaitsIsReplaced",
        "pool.PoolPlanTest#thePoolIsSizedByWhatWasAskedForLately",
        "pool.PoolPlanTest#anOldMachineGoesWhenItsReplacementIsThere");
    shown(
        14,
        "ControlPlaneConfigTest#thePoolIsOffAndItsSizesMustFit",
        "PoolTest#turnedOffItGivesEverythingBack",
        "PoolTest#anotherServerGoesOnWithWhatOneBegan");

    // Security.
    shown(
        15,
        "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd",
        "provider.aleph.AlephProviderTest#aNodeThatNeverHearsOfItOrNeverShowsItsPortIsLeft");
    shown(
        16,
        "host.HostAgentsTest#keepsAnyTextOfItsOwnerAsText",
        "DeploymentTest#c6AnAgentRunsWithExactlyItsSettingsAndNoSecretShows");
    shown(
        17,
        "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd",
        "host.HostAgentsTest#livesFromItsFirstStartToItsEnd");
    shown(
        18,
        "host.HostAgentsTest#livesFromItsFirstStartToItsEnd",
        "host.HostAgentsTest#takesNoDamagedRelease",
        "host.proxy.HostProxyTest#anotherProgramThanThePinnedOneIsNotInstalled",
        "DeployWeaknessesTest#noScriptFetchesAnything");
    shown(
        19,
        "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd",
        "aleph.AlephConfigTest#theOriginalsKeyIsNamedWithOrWithoutPrefix",
        "keyring.KeyRotationTest#keysOfMachinesStayBoundToTheirRows");
    shown(
        20,
        "aleph.AlephConfigTest#theKeyComesFromAFileOrAVariableWithOrWithoutPrefix",
        "provider.aleph.AlephProviderTest#whatIsReadOnlySignsNothing",
        "provider.aleph.AlephProviderTest#theLimitsOfSpendingAreNamed");

    // Correctness.
    shown(
        21,
        "UpdateTest#anUpdateBringsTheCurrentReleaseAndLetsGoOfTheOldOne",
        "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd");
    shown(
        22,
        "host.SkillPlanTest#writesWhatIsNewAndRemovesWhatIsNoLongerChosen",
        "host.SkillPlanTest#leavesWhatSomebodyEditedOrMade",
        "provider.process.SkillFolderTest#c7ExactlyTheChosenSkillsAreThere");
    shown(23, "provider.aleph.AlephProviderTest#nodesThatCannotAreLeftForOthersAndPaidNothing");
    shown(
        24,
        "aleph.NodeChoiceTest#aNodeThatLacksSomethingIsNotTaken",
        "aleph.NodeChoiceTest#machinesMadeAtTheSameTimeDoNotPileUp",
        "aleph.NodeChoiceTest#nodesThatFailedAreAvoidedAndThoseThatFailOftenTakenSeldom");
    shown(
        25,
        "aleph.AlephHttpTest#aHalfOpenSocketEndsAtTheDeadline",
        "provider.aleph.AlephPublicTest#fromThePoolItTakesFiveSecondsAtMost");
    shown(26, "host.HostAgentsTest#endsAScriptAndItsChildrenAtTheDeadline");
    shown(
        27, "provider.aleph.AlephPublicTest#anAgentIsReachedByItsNameAndWithoutItWhileThereIsNone");
    shown(28, "provider.aleph.AlephProviderTest#aLaggingNodeIsToldAgain");
    shown(29, "provider.aleph.AlephProviderTest#neitherTheSchedulerNorTheOldListIsAsked");
    shown(30, "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd");
    shown(31, "provider.aleph.AlephProviderTest#anImageChangesOnlyWhereTheOperatorLetsIt");
    shown(32, "DeployWeaknessesTest#noScriptFetchesAnything");
    shown(33, "provider.aleph.AlephLifeTest#fromTheOrderToTheEnd");
    shown(
        34,
        "aleph.RejectionTest#everyCodeHasACause",
        "provider.aleph.AlephProviderTest#anAnswerThatMeansNoLeadsToTheNextNode",
        "DeploymentTest#anAgentThatCannotStartFailsWithAReasonAndCanBeDeployedLater");
  }

  private static void shown(int weakness, String... tests) {
    TESTS.put(weakness, List.of(tests));
  }

  @Test
  void everyWeaknessHasItsTests() {
    assertEquals(
        IntStream.rangeClosed(1, WEAKNESSES).boxed().toList(), List.copyOf(TESTS.keySet()));
    List<String> missing =
        TESTS.values().stream()
            .flatMap(List::stream)
            .filter(DeployWeaknessesTest::isMissing)
            .toList();
    assertEquals(List.of(), missing, "tests that are not there");
  }

  /** Weakness 32: nothing is installed from a registry, so nothing races the first-boot updater. */
  @Test
  void noScriptFetchesAnything() throws IOException {
    List<String> fetching = new ArrayList<>();
    int scripts = 0;
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "resources"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".sh")).toList()) {
        scripts++;
        for (String line : Files.readAllLines(file)) {
          if (FETCHING.matcher(line.replaceFirst("#.*", "")).find()) {
            fetching.add(file.getFileName() + ": " + line.strip());
          }
        }
      }
    }
    assertTrue(scripts > 10, "there are scripts");
    assertEquals(List.of(), fetching);
  }

  private static boolean isMissing(String test) {
    String[] words = test.split("#", 2);
    try {
      Method[] methods = Class.forName("ai.liberclaw.deploy." + words[0]).getDeclaredMethods();
      return Arrays.stream(methods)
          .filter(method -> method.getName().equals(words[1]))
          .noneMatch(method ->
              method.isAnnotationPresent(Test.class)
                  || method.isAnnotationPresent(ParameterizedTest.class));
    } catch (ClassNotFoundException _) {
      return true;
    }
  }
}

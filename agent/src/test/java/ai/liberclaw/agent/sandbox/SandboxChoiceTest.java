package ai.liberclaw.agent.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.core.config.EnvReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxChoiceTest {
  private static final SandboxSettings DEFAULTS =
      new SandboxSettings(Optional.empty(), false, List.of());

  @TempDir Path folder;
  private Place place;

  @BeforeEach
  void make() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path database = Files.writeString(data.resolve("agent.db"), "rows");
    Path workspace = Files.createDirectories(folder.resolve("workspace"));
    Files.createDirectories(workspace.resolve("sub"));
    Files.writeString(workspace.resolve("sub/file"), "x");
    place = new Place(workspace.toRealPath(), data, List.of(database), Map.of());
  }

  private Sandbox choose(SandboxSettings settings, boolean shared) throws Exception {
    return new SandboxChoice(settings, place, shared).choose();
  }

  private void open() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void rootBecomesTheToolsUserAndGivesItTheWorkspace() throws Exception {
    assumeTrue(TestSandboxes.root(), "only root can give files away");
    open();
    Sandbox sandbox = choose(DEFAULTS, false);
    assertEquals("user", sandbox.kind());
    int user = sandbox.user().orElseThrow();
    for (String file : List.of("", "sub", "sub/file")) {
      assertEquals(user, Files.getAttribute(place.workspace().resolve(file), "unix:uid"), file);
    }
    assertEquals(0, Files.getAttribute(place.data(), "unix:uid"));
    assertTrue(sandbox.description().contains("without administrator rights"));
  }

  @Test
  void aWorkspaceThatWasTheServersAloneIsGivenAwayToo() throws Exception {
    assumeTrue(TestSandboxes.root(), "only root can give files away");
    open();
    Files.setPosixFilePermissions(place.workspace(), PosixFilePermissions.fromString("rwx------"));
    assertEquals("user", choose(DEFAULTS, false).kind());
    if (place.programs().find("bwrap").isPresent()) {
      Files.setAttribute(place.workspace(), "unix:uid", 0);
      Files.setPosixFilePermissions(
          place.workspace(), PosixFilePermissions.fromString("rwx------"));
      assertEquals("bubblewrap", choose(DEFAULTS, true).kind());
    }
  }

  @Test
  void aDeepTemporaryFolderIsNoPlaceForSockets() {
    assertEquals(Path.of("/var/tmp"), Sandbox.exchanges(Path.of("/var/tmp")));
    assertEquals(Path.of("/tmp"), Sandbox.exchanges(Path.of("/var/" + "a".repeat(60))));
  }

  @Test
  void whatToolsDoToTheirFolderMakesThemNoRoot() throws Exception {
    assumeTrue(TestSandboxes.root(), "only root can switch users");
    open();
    assertEquals("user", choose(DEFAULTS, false).kind());
    for (String mode : List.of("r-x------", "---------")) {
      Files.setPosixFilePermissions(place.workspace(), PosixFilePermissions.fromString(mode));
      assertEquals("user", choose(DEFAULTS, false).kind(), mode);
      String opened =
          PosixFilePermissions.toString(Files.getPosixFilePermissions(place.workspace()));
      assertTrue(opened.startsWith("rwx"), opened);
    }
    // Whatever else goes wrong: what was another user's stays so.
    Path inside = Files.writeString(place.workspace().resolve("agent.db"), "rows");
    place = new Place(place.workspace(), place.data(), List.of(inside), Map.of());
    assertEquals("user", choose(DEFAULTS, false).kind());
  }

  @Test
  void aWorkspaceOutOfTheUsersReachIsNoPlaceForThatUser() throws Exception {
    assumeTrue(TestSandboxes.root(), "only root can switch users");
    assertFalse(choose(DEFAULTS, false) instanceof UserSandbox);
  }

  @Test
  void theAgentsFilesAreMadePrivate() throws Exception {
    open();
    Sandbox _ = choose(DEFAULTS, false);
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(place.ownFiles().getFirst())));
  }

  @Test
  void toolsAreRootOnlyWhereTheOwnerSaysSo() throws Exception {
    assumeTrue(TestSandboxes.root(), "only root has that to give");
    Sandbox sandbox = choose(new SandboxSettings(Optional.empty(), true, List.of()), false);
    assertEquals("weak", sandbox.kind());
    assertTrue(sandbox.description().contains("as root"));
  }

  @Test
  void onASharedMachineBubblewrapComesFirst() throws Exception {
    assumeTrue(place.programs().find("bwrap").isPresent(), "bubblewrap is not installed");
    open();
    Sandbox sandbox = choose(DEFAULTS, true);
    assertEquals("bubblewrap", sandbox.kind());
    assertTrue(sandbox.description().contains("sandbox"));
  }

  @Test
  void whereTheAgentLivesAmongAdditionalSoftwareThatIsNotShown() throws Exception {
    assertTrue(mounted("/srv/agents").contains("/opt"));
    assertFalse(mounted("/opt/agents").contains("/opt"));
  }

  private List<String> mounted(String home) throws Exception {
    Place there =
        new Place(Path.of(home, "one/workspace"), Path.of(home, "one"), List.of(), Map.of());
    List<String> line =
        new BubblewrapSandbox(there, "bwrap", Optional.empty(), List.of()).wrap(List.of("true"));
    return IntStream.range(2, line.size())
        .filter(i -> line.get(i - 2).equals("--ro-bind-try"))
        .mapToObj(line::get)
        .toList();
  }

  @Test
  void aDatabaseInsideTheWorkspaceKeepsNoSandboxButTheWeakOne() throws Exception {
    open();
    Path inside = Files.writeString(place.workspace().resolve("agent.db"), "rows");
    Object owner = Files.getAttribute(inside, "unix:uid");
    place = new Place(place.workspace(), place.data(), List.of(inside), Map.of());
    assertEquals("weak", choose(DEFAULTS, true).kind());
    assertEquals(owner, Files.getAttribute(inside, "unix:uid"));
  }

  @Test
  void settingsAreChecked() {
    EnvReader read =
        new EnvReader(Map.of("TOOLS_USER", "no-such-user-here", "TOOLS_READABLE", "a,/b"));
    SandboxSettings _ = SandboxSettings.fromEnv(read);
    ConfigException e = assertThrows(ConfigException.class, read::throwIfProblems);
    assertEquals(2, e.problems().size());
    assertEquals(Optional.empty(), ToolsUser.find("root"));
    assertEquals(Optional.empty(), ToolsUser.find("0"));
    assertEquals(Optional.of(new ToolsUser("4242", 4242, 4242)), ToolsUser.find("4242"));
  }

  @Test
  void rightsAreReadAsTheKernelWritesThem() {
    Rights hardened =
        Rights.of(
            List.of(
                "Uid:\t998\t998\t998\t998",
                "CapPrm:\t00000000000000e0",
                "CapEff:\t00000000000000e0",
                "CapAmb:\t00000000000000e0",
                "NoNewPrivs:\t0"));
    assertTrue(hardened.maySwitch());
    assertFalse(hardened.none());
    assertFalse(hardened.root());
  }
}

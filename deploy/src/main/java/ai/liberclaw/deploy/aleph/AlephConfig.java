package ai.liberclaw.deploy.aleph;

import ai.liberclaw.core.config.EnvReader;
import ai.liberclaw.core.config.SecureUrl;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an operator sets for machines of the Aleph network.
 *
 * @param wallet pays; without one nothing is made
 * @param readOnly the wallet signs nothing: machines are neither made nor destroyed
 * @param hosts core nodes, origins, the first that answers counts
 * @param nodeList address of the list of compute nodes
 * @param gateway knows machines' public names
 * @param domain that those names are below
 * @param privateHosts may be asked wherever they are, also without TLS
 * @param channel under which the network files our messages
 * @param operatorKey a public key that may log in to every machine beside our own
 * @param loginKey file of the private key that logs in to machines the original made
 * @param versionFloor compute nodes older than this are not used
 * @param perNodeMax machines of ours on one compute node
 * @param spending what may be spent
 */
public record AlephConfig(
    Optional<AlephWallet> wallet,
    boolean readOnly,
    List<URI> hosts,
    URI nodeList,
    URI gateway,
    String domain,
    List<String> privateHosts,
    String channel,
    InstanceContent.MachineSize size,
    Image image,
    Optional<String> operatorKey,
    Optional<Path> loginKey,
    String versionFloor,
    int perNodeMax,
    Spending spending) {
  private static final String WALLET = "ALEPH_PRIVATE_KEY";
  private static final Pattern PUBLIC_KEY =
      Pattern.compile("[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}(?: [ -~]{0,200})?");
  private static final Map<String, Image> IMAGES =
      Map.of(
          "debian12",
          image("b6ff5c3a8205d1ca4c7c3369300eeafff498b558f71b851aa2114afd0a532717", "debian 12"),
          "ubuntu22",
          image("4a0f62da42f4478544616519e6f5d58adb1096e069b392b151d47c3609492d0c", "ubuntu 22.04"),
          "ubuntu24",
          image(
              "5330dcefe1857bcd97b7b7f24d1420a7d46232d53f27be280c8a7071d88bd84e", "ubuntu 24.04"));

  /**
   * The root file system of machines.
   *
   * @param os {@code ID} and {@code VERSION_ID} that it must have; empty for any
   */
  public record Image(InstanceContent.Rootfs rootfs, Optional<String> os) {}

  /**
   * Limits of what is spent, checked before a machine is made.
   *
   * @param reserveHours all machines must be paid for as long as this beyond the day that the
   *     network itself asks for
   * @param perDayMax credits all machines together may cost per day; 0: no limit
   * @param instancesMax machines the account may pay for at a time
   */
  public record Spending(int reserveHours, BigDecimal perDayMax, int instancesMax) {}

  public AlephConfig {
    hosts = List.copyOf(hosts);
    privateHosts = List.copyOf(privateHosts);
  }

  /** Reads the variables; problems are noted in the reader. */
  public static AlephConfig read(EnvReader env) {
    return new AlephConfig(
        wallet(env),
        env.flag("LIBERCLAW_ALEPH_READ_ONLY", false, "no Aleph machine is made or destroyed"),
        hosts(env),
        SecureUrl.read(
            env,
            "LIBERCLAW_ALEPH_NODES_URL",
            "https://crns-list.aleph.sh/crns.json",
            "the list of Aleph compute nodes"),
        SecureUrl.read(
            env,
            "LIBERCLAW_ALEPH_GATEWAY_URL",
            "https://api.2n6.me",
            "knows the public names of Aleph machines"),
        env.text("LIBERCLAW_ALEPH_DOMAIN", "2n6.me", "that those names are below"),
        env.list(
            "LIBERCLAW_ALEPH_PRIVATE_HOSTS",
            List.of(),
            "compute nodes that may be on private addresses: host or host:port"),
        env.text("LIBERCLAW_ALEPH_CHANNEL", "LIBERCLAW", "channel of our Aleph messages"),
        new InstanceContent.MachineSize(
            number(env, "VCPUS", 1, 1, 256, "processors of an Aleph machine"),
            number(env, "MEMORY_MIB", 2048, 512, 1_048_576, "memory of an Aleph machine, MiB"),
            number(env, "DISK_MIB", 20_480, 4096, 10_485_760, "disk of an Aleph machine, MiB")),
        image(env),
        operatorKey(env),
        env.optional(
                "LIBERCLAW_ALEPH_SSH_PRIVKEY_PATH",
                "file of the key that logs in to the original's machines, for adopt, or the next")
            .or(() -> env.optional("ALEPH_SSH_PRIVKEY_PATH", "the same, without prefix"))
            .map(Path::of),
        env.text("LIBERCLAW_ALEPH_NODE_VERSION_MIN", "1.7.0", "older compute nodes are not used"),
        number(env, "PER_NODE_MAX", 3, 1, 10_000, "machines of ours on one compute node"),
        new Spending(
            number(env, "RESERVE_HOURS", 72, 0, 87_600, "credits kept beyond the next 24 hours"),
            BigDecimal.valueOf(
                env.integer(
                    "LIBERCLAW_ALEPH_CREDITS_PER_DAY_MAX",
                    0,
                    0,
                    Long.MAX_VALUE,
                    "what all machines may cost per day; 0: no limit")),
            number(env, "INSTANCES_MAX", 200, 0, 100_000, "machines paid for at a time")));
  }

  /** Names of the variables that hold the key. */
  public static List<String> secretNames() {
    return List.of("LIBERCLAW_" + WALLET, WALLET);
  }

  /** Hosts that are asked wherever they are: the operator named them. */
  public List<String> namedHosts() {
    List<String> named = new ArrayList<>(privateHosts);
    named.addAll(hosts.stream().map(AlephConfig::authority).toList());
    named.add(authority(nodeList));
    named.add(authority(gateway));
    return named;
  }

  private static String authority(URI uri) {
    return String.valueOf(uri.getAuthority()).toLowerCase(Locale.ROOT);
  }

  private static Optional<AlephWallet> wallet(EnvReader env) {
    String name = "LIBERCLAW_" + WALLET;
    Optional<String> text =
        env.optional(name, "key of the wallet that pays for Aleph machines, or the next")
            .or(() -> env.optional(WALLET, "the same, without prefix"));
    Optional<String> file =
        env.optional(name + "_FILE", "file with the key of the wallet")
            .or(() -> env.optional(WALLET + "_FILE", "the same, without prefix"));
    if (text.isPresent() && file.isPresent()) {
      env.problem(name + "_FILE", "must not be set beside " + name);
      return Optional.empty();
    }
    try {
      return file.isPresent()
          ? Optional.of(AlephWallet.of(Files.readString(Path.of(file.get()))))
          : text.map(AlephWallet::of);
    } catch (IOException e) {
      env.problem(name + "_FILE", "cannot be read: " + e.getClass().getSimpleName());
    } catch (IllegalArgumentException e) {
      env.problem(file.isPresent() ? name + "_FILE" : name, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private static List<URI> hosts(EnvReader env) {
    String name = "LIBERCLAW_ALEPH_API_URLS";
    String fallback = "https://api2.aleph.im";
    List<URI> hosts = new ArrayList<>();
    for (String text :
        env.list(name, List.of(fallback), "core nodes of Aleph, the first that answers counts")) {
      URI uri = SecureUrl.read(new EnvReader(Map.of(name, text)), name, fallback, "");
      String plain = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
      if (!uri.toString().equals(plain)) {
        env.problem(name, "must hold https addresses, or http on loopback");
      }
      hosts.add(uri);
    }
    if (hosts.isEmpty()) {
      env.problem(name, "must hold at least one address");
      return List.of(URI.create(fallback));
    }
    return hosts;
  }

  private static Image image(EnvReader env) {
    String name = "LIBERCLAW_ALEPH_IMAGE";
    boolean latest =
        env.flag(
            "LIBERCLAW_ALEPH_IMAGE_LATEST", true, "take later versions of the image, once made");
    String text =
        env.text(name, "debian12", "debian12, ubuntu22, ubuntu24 or the hash of an image")
            .strip()
            .toLowerCase(Locale.ROOT);
    Image known = IMAGES.get(text);
    if (known == null && !AlephNetwork.isHash(text)) {
      env.problem(name, "must be debian12, ubuntu22, ubuntu24 or 64 hexadecimal digits");
      return image("0".repeat(64), "");
    }
    return known == null
        ? new Image(new InstanceContent.Rootfs(text, latest), Optional.empty())
        : new Image(new InstanceContent.Rootfs(known.rootfs().hash(), latest), known.os());
  }

  private static Image image(String hash, String os) {
    return new Image(
        new InstanceContent.Rootfs(hash, true), os.isEmpty() ? Optional.empty() : Optional.of(os));
  }

  private static Optional<String> operatorKey(EnvReader env) {
    String name = "LIBERCLAW_ALEPH_SSH_PUBKEY";
    Optional<String> key =
        env.optional(name, "public key of the operator, put into every Aleph machine")
            .or(() -> env.optional("ALEPH_SSH_PUBKEY", "the same, without prefix"))
            .map(String::strip);
    if (key.isPresent() && !PUBLIC_KEY.matcher(key.get()).matches()) {
      env.problem(name, "must be one line of an OpenSSH public key");
    }
    return key;
  }

  private static int number(
      EnvReader env, String name, int defaultValue, int min, int max, String meaning) {
    return Math.toIntExact(env.integer("LIBERCLAW_ALEPH_" + name, defaultValue, min, max, meaning));
  }
}

package ai.liberclaw.deploy.release;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a bundle holds, file by file. Its exact text is what is signed, and what the release is
 * named after.
 */
public final class Manifest {
  /** Longest manifest that is read. */
  public static final int BYTES_MAX = 4 * 1024 * 1024;

  /** Most files of a bundle. */
  public static final int FILES_MAX = 10_000;

  /** Most bytes of all files of a bundle. */
  public static final long TOTAL_BYTES_MAX = 1024L * 1024 * 1024;

  private static final int ID_LENGTH = 32;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{" + ID_LENGTH + "}");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,49}");
  // No part begins with a dot, so there is no way up and out.
  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*(/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*){0,15}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** Modes a file of a bundle may have. */
  private static final Set<Integer> MODES = Set.of(0644, 0755);

  private final String text;
  private final String version;
  private final String platform;
  private final List<Entry> files;

  /**
   * One file.
   *
   * @param path relative, parts divided by a slash
   * @param size in bytes
   * @param mode permission bits: 0644 or 0755
   * @param sha256 in lower-case hex
   */
  public record Entry(String path, long size, int mode, String sha256) {
    public Entry {
      require(PATH.matcher(path).matches() && path.length() <= 255, "a path that is not plain");
      require(MODES.contains(mode), "a mode other than 0644 and 0755");
      require(size >= 0 && size <= TOTAL_BYTES_MAX, "a file that is too large");
      require(SHA256.matcher(sha256).matches(), "a hash that is none");
    }

    public boolean executable() {
      return mode == 0755;
    }
  }

  private Manifest(String text, String version, String platform, List<Entry> files) {
    this.text = text;
    this.version = version;
    this.platform = platform;
    this.files = List.copyOf(files);
    require(
        WORD.matcher(version).matches() && WORD.matcher(platform).matches(),
        "a version or platform that is none");
    require(!files.isEmpty() && files.size() <= FILES_MAX, "no files, or too many");
    long total = 0;
    Set<String> paths = new HashSet<>();
    for (Entry file : files) {
      total += file.size();
      require(paths.add(file.path()), "one path twice");
    }
    require(total <= TOTAL_BYTES_MAX, "too much in all");
  }

  /** That of a new bundle: the same files give the same text, in whatever order they come. */
  public static Manifest of(String version, String platform, List<Entry> files) {
    List<Entry> sorted = new ArrayList<>(files);
    sorted.sort(Comparator.comparing(Entry::path));
    ObjectNode json = Json.object().put("version", version).put("platform", platform);
    ArrayNode list = json.putArray("files");
    for (Entry file : sorted) {
      list.addObject()
          .put("path", file.path())
          .put("size", file.size())
          .put("mode", String.format(Locale.ROOT, "%04o", file.mode()))
          .put("sha256", file.sha256());
    }
    return new Manifest(Json.writePretty(json) + "\n", version, platform, sorted);
  }

  /**
   * Reads the text of a manifest.
   *
   * @throws BundleException when it is not one, or goes over a limit
   */
  public static Manifest parse(String text) {
    require(text.length() <= BYTES_MAX, "more than " + BYTES_MAX + " bytes");
    try {
      JsonNode json = Json.parse(text);
      List<Entry> files = new ArrayList<>();
      for (JsonNode file : json.path("files")) {
        require(files.size() < FILES_MAX, "too many files");
        files.add(
            new Entry(
                file.path("path").asText(),
                file.path("size").asLong(-1),
                Integer.parseInt(file.path("mode").asText(), 8),
                file.path("sha256").asText()));
      }
      return new Manifest(
          text, json.path("version").asText(), json.path("platform").asText(), files);
    } catch (JsonException | NumberFormatException e) {
      throw new BundleException("The bundle's manifest cannot be read", e);
    }
  }

  /** Whether the text can be the id of a release. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The release's id: the first 32 hex digits of the SHA-256 of the text. */
  public String id() {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, ID_LENGTH);
  }

  /** Exactly as it was signed. */
  public String text() {
    return text;
  }

  public String version() {
    return version;
  }

  public String platform() {
    return platform;
  }

  public List<Entry> files() {
    return files;
  }

  /** Of all files, unpacked. */
  public long bytes() {
    return files.stream().mapToLong(Entry::size).sum();
  }

  /** Lines that {@code sha256sum --check --strict --quiet} takes in the unpacked bundle. */
  public String checksums() {
    StringBuilder lines = new StringBuilder();
    for (Entry file : files) {
      lines.append(file.sha256()).append("  ").append(file.path()).append('\n');
    }
    return lines.toString();
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new BundleException("The bundle's manifest has " + problem);
    }
  }
}

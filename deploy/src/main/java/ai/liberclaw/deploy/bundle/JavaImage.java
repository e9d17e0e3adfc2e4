package ai.liberclaw.deploy.bundle;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java of what the agent needs. */
final class JavaImage {
  private static final Duration LINK_TIME_MAX = Duration.ofMinutes(10);

  /** What {@code jdeps} names for the agent and its libraries, and what they find by name. */
  private static final List<String> MODULES =
      List.of(
          "java.base",
          // Reads and draws images and PDF; without a screen.
          "java.desktop",
          "java.logging",
          "java.management",
          "java.naming",
          "java.sql",
          "java.xml",
          // Pages of the web come in any character set.
          "jdk.charsets",
          "jdk.crypto.ec",
          "jdk.management",
          "jdk.unsupported");

  /** Windows, their sounds, and XSLT: large, and nothing of the agent's touches them. */
  private static final List<String> CLASSES_LEFT_OUT =
      List.of(
          "/java.desktop/com/sun/java/swing",
          "/java.desktop/com/sun/media/sound",
          "/java.desktop/javax/swing",
          "/java.desktop/sun/awt/X11",
          "/java.desktop/sun/swing",
          "/java.xml/com/sun/org/apache/bcel",
          "/java.xml/com/sun/org/apache/xalan");

  private static final List<String> FILES_LEFT_OUT =
      List.of(
          "bin/jrunscript",
          "bin/keytool",
          "lib/classlist",
          "lib/jrt-fs.jar",
          "lib/libawt_xawt.so",
          "lib/libjsound.so",
          "lib/libsplashscreen.so");

  private final Path jdk;

  JavaImage(Path jdk) {
    this.jdk = jdk;
  }

  void link(Path target) throws IOException, InterruptedException {
    Path leftOut = target.resolveSibling("left-out");
    Files.write(leftOut, leftOut());
    Command.run(
        List.of(
            jdk.resolve("bin/jlink").toString(),
            "--add-modules",
            String.join(",", MODULES),
            "--exclude-resources=@" + leftOut,
            // The archive compresses better what is not compressed yet.
            "--compress",
            "zip-0",
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--output",
            target.toString()),
        LINK_TIME_MAX);
    Files.delete(leftOut);
    for (String file : FILES_LEFT_OUT) {
      Files.deleteIfExists(target.resolve(file));
    }
    replaceLinks(target);
  }

  /** Of each package one file stays: a module without a package that it names is refused. */
  private static List<String> leftOut() throws IOException {
    List<String> resources = new ArrayList<>();
    FileSystem java = FileSystems.getFileSystem(URI.create("jrt:/"));
    for (String folder : CLASSES_LEFT_OUT) {
      try (Stream<Path> files = Files.walk(java.getPath("/modules" + folder))) {
        Map<String, List<String>> packages =
            files
                .filter(Files::isRegularFile)
                .map(file -> file.toString().substring("/modules".length()))
                .sorted()
                .collect(
                    Collectors.groupingBy(
                        file -> file.substring(0, file.lastIndexOf('/')),
                        TreeMap::new,
                        Collectors.toList()));
        for (List<String> names : packages.values()) {
          String kept =
              names.stream()
                  .filter(name -> name.endsWith(".class"))
                  .findFirst()
                  .orElse(names.getFirst());
          names.stream().filter(name -> !name.equals(kept)).forEach(resources::add);
        }
      }
    }
    return resources;
  }

  /** Licences that modules share are links; a bundle holds files alone. */
  private static void replaceLinks(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Path content = link.toRealPath();
        Files.copy(content, link, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}

package ai.liberclaw.agent.tool.shell;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** File-system creation, partitioning, and raw writes to block devices. */
final class DeviceRule implements Rule {
  private static final Set<String> TOOLS =
      Set.of(
          "mke2fs",
          "mkswap",
          "mkdosfs",
          "wipefs",
          "blkdiscard",
          "fdisk",
          "sfdisk",
          "cfdisk",
          "gdisk",
          "sgdisk",
          "cgdisk",
          "parted",
          "partprobe",
          "pvcreate",
          "vgcreate",
          "lvcreate",
          "cryptsetup",
          "badblocks",
          "mdadm");
  private static final Set<String> LISTING = Set.of("-l", "--list", "-d", "--dump", "print", "-p");
  private static final Pattern BLOCK_DEVICE =
      Pattern.compile(
          "(?:[shv]d|xvd)[a-z?*].*|nvme.*|mmcblk.*|loop[0-9?*].*|dm-.*|md[0-9?*].*|mapper|disk"
              + "|sr[0-9?*].*|ram[0-9?*].*|nbd.*|zram.*|rbd.*|r?disk[0-9].*");
  private static final Set<String> WRITERS = Set.of("tee", "cp", "mv", "shred", "install");

  @Override
  public Optional<String> refuse(Invocation command) {
    String name = command.name();
    if ((name.matches("mkfs(\\..+)?") || TOOLS.contains(name))
        && !command.asksForHelp()
        && command.texts().stream().noneMatch(LISTING::contains)) {
      return Optional.of("it creates file systems or changes partitions");
    }
    boolean writes =
        command.redirections().stream().anyMatch(r -> r.writes() && device(command, r.target()));
    if (name.equals("dd")) {
      writes |=
          command.texts().stream()
              .filter(a -> a.startsWith("of="))
              .anyMatch(a -> device(command, Word.of(a.substring(3))));
    } else if (WRITERS.contains(name) && !command.operands().isEmpty()) {
      List<Word> operands = command.operands();
      writes |=
          (name.equals("tee") || name.equals("shred"))
              ? operands.stream().anyMatch(w -> device(command, w))
              : device(command, operands.getLast());
    }
    return writes ? Optional.of("it writes to a disk device directly") : Optional.empty();
  }

  private static boolean device(Invocation command, Word word) {
    GlobPath path = command.path(word);
    return path.segments().size() >= 2
        && path.startsWith("dev")
        && BLOCK_DEVICE.matcher(path.segments().get(1)).matches();
  }
}

package ai.liberclaw.deploy.release;

/** How an archive is packed. */
public enum Compression {
  /** As bundles are made. */
  ZSTD(".tar.zst"),
  /** The same tar, packed again on this server, for targets without {@code zstd}. */
  GZIP(".tar.gz");

  private final String suffix;

  Compression(String suffix) {
    this.suffix = suffix;
  }

  /** What names of such archives end in. */
  public String suffix() {
    return suffix;
  }
}

package ai.liberclaw.deploy.host;

/**
 * How to log in to a host, and by which key it must be known: another one ends the connection.
 *
 * @param address a name or an address
 * @param user root, or one with {@code sudo -n}, or anybody where {@code rootless}
 * @param rootless everything is made below the user's home and run as that user
 */
public record SshLogin(
    String address, int port, String user, HostKey hostKey, SshKey key, boolean rootless) {
  /** Whether commands need {@code sudo} to act as root. */
  boolean wantsSudo() {
    return !rootless && !user.equals("root");
  }

  @Override
  public String toString() {
    return "SshLogin[" + user + "@" + address + ":" + port + "]";
  }
}

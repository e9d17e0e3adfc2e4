package ai.liberclaw.core.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Looks up the addresses of a host name. */
@FunctionalInterface
public interface HostResolver {
  /**
   * @return at least one address
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /** The one of this machine. */
  static HostResolver system() {
    return host -> List.of(InetAddress.getAllByName(host));
  }
}

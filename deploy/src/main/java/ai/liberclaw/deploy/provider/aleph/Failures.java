package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.deploy.aleph.AlephException;
import ai.liberclaw.deploy.aleph.Rejection;
import ai.liberclaw.deploy.provider.ProviderException;

/** Failures as owners and jobs know them. None of them blames a node. */
final class Failures {
  private Failures() {}

  static ProviderException network(AlephException cause) {
    return new ProviderException(
        "network_unreachable", "The Aleph network does not answer.", true, cause);
  }

  static ProviderException credits() {
    return new ProviderException(
        "no_credits", "The platform's credits do not suffice for another machine.", false, null);
  }

  static ProviderException limit(String name) {
    return new ProviderException(
        "limit_reached", "No more machines may be made here (" + name + ").", false, null);
  }

  static ProviderException rejected(Rejection rejection) {
    return rejection.cause() == Rejection.Cause.CREDITS
        ? credits()
        : new ProviderException(
            rejection.word(), "The Aleph network refused the machine.", false, null);
  }

  static ProviderException noNode() {
    return new ProviderException(
        "no_node", "No node of the Aleph network has room at present.", true, null);
  }

  static ProviderException nodesExhausted(int tried) {
    return new ProviderException(
        "nodes_exhausted", tried + " nodes were tried, none could run the machine.", false, null);
  }

  /** The machine is gone, and with it what was on it. */
  static ProviderException gone() {
    return new ProviderException(
        "machine_gone", "The machine is gone. Rebuild the agent to get a new one.", false, null);
  }

  static ProviderException readOnly() {
    return new ProviderException(
        "read_only", "Machines are neither made nor destroyed at present.", true, null);
  }
}

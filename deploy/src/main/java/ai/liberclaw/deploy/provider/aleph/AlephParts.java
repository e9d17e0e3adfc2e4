package ai.liberclaw.deploy.provider.aleph;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.aleph.AlephConfig;
import ai.liberclaw.deploy.aleph.AlephHttp;
import ai.liberclaw.deploy.aleph.AlephNetwork;
import ai.liberclaw.deploy.aleph.AlephWallet;
import ai.liberclaw.deploy.aleph.ComputeNodes;
import ai.liberclaw.deploy.aleph.NodeChoice;
import ai.liberclaw.deploy.aleph.PublicNames;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the parts of the provider share.
 *
 * @param installation whose machines these are
 */
record AlephParts(
    AlephConfig config,
    AlephWallet wallet,
    PlatformDatabase database,
    UUID installation,
    AlephHttp http,
    AlephNetwork network,
    ComputeNodes nodes,
    NodeChoice choice,
    PublicNames names,
    AlephTimes times,
    Clock clock) {
  static AlephParts of(
      AlephConfig config,
      AlephWallet wallet,
      PlatformDatabase database,
      UUID installation,
      AlephTimes times,
      Clock clock) {
    AlephHttp http = new AlephHttp(config.namedHosts());
    return new AlephParts(
        config,
        wallet,
        database,
        installation,
        http,
        new AlephNetwork(http, config.hosts()),
        new ComputeNodes(http, config.nodeList(), wallet, clock),
        new NodeChoice(
            config.versionFloor(),
            config.perNodeMax(),
            () -> ThreadLocalRandom.current().nextDouble()),
        new PublicNames(http, config.gateway(), config.domain()),
        times,
        clock);
  }
}

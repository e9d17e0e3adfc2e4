package ai.liberclaw.api.network;

import static ai.liberclaw.db.platform.Tables.NETWORK_NODES;

import ai.liberclaw.db.platform.tables.records.NetworkNodesRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.DSLContext;

/** The last good list of nodes. */
final class NetworkStore {

  /** Nodes with a position, the best first. */
  List<Node> located(DSLContext sql) {
    return sql.selectFrom(NETWORK_NODES)
        .where(NETWORK_NODES.LAT.isNotNull())
        .and(NETWORK_NODES.LNG.isNotNull())
        .orderBy(NETWORK_NODES.SCORE.desc(), NETWORK_NODES.HASH)
        .fetch(row ->
            new Node(
                row.getHash(),
                row.getName(),
                row.getUrl(),
                row.getScore(),
                Optional.of(
                    new Position(
                        row.getLat(),
                        row.getLng(),
                        Optional.ofNullable(row.getCountry()).orElse(""),
                        Optional.ofNullable(row.getCity()).orElse(""))),
                row.getMemAvailableKb(),
                row.getCpuCount(),
                row.getActive()));
  }

  /** Where nodes were last, by their address: it costs questions to others to find out again. */
  Map<String, Position> positions(DSLContext sql) {
    return located(sql).stream()
        .collect(
            Collectors.toMap(
                Node::url, node -> node.position().orElseThrow(), (first, _) -> first));
  }

  /** Makes this the list. */
  void replace(DSLContext tx, List<Node> nodes) {
    tx.deleteFrom(NETWORK_NODES).execute();
    tx.batchInsert(nodes.stream().map(NetworkStore::row).toList()).execute();
  }

  private static NetworkNodesRecord row(Node node) {
    NetworkNodesRecord row = new NetworkNodesRecord();
    row.setHash(node.hash());
    row.setName(node.name());
    row.setUrl(node.url());
    row.setScore(node.score());
    node.position()
        .ifPresent(position -> {
          row.setLat(position.lat());
          row.setLng(position.lng());
          row.setCountry(position.country());
          row.setCity(position.city());
        });
    row.setMemAvailableKb(node.memoryKb());
    row.setCpuCount(node.cpus());
    row.setActive(node.active());
    return row;
  }
}

package ai.liberclaw.api.users;

import static ai.liberclaw.db.platform.Tables.OAUTH_CONNECTIONS;
import static ai.liberclaw.db.platform.Tables.WALLET_CONNECTIONS;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** The connections of users. Whose they are is part of every query. */
final class ConnectionStore {
  /** Accounts elsewhere first, then wallets, each oldest first. */
  List<Connection> list(DSLContext sql, UUID userId) {
    List<Connection> all = new ArrayList<>();
    sql.selectFrom(OAUTH_CONNECTIONS)
        .where(OAUTH_CONNECTIONS.USER_ID.eq(userId))
        .orderBy(OAUTH_CONNECTIONS.CREATED_AT, OAUTH_CONNECTIONS.ID)
        .forEach(row ->
            all.add(
                new Connection.Oauth(
                    row.getId(),
                    row.getProvider(),
                    Optional.ofNullable(row.getProviderEmail()),
                    row.getCreatedAt())));
    sql.selectFrom(WALLET_CONNECTIONS)
        .where(WALLET_CONNECTIONS.USER_ID.eq(userId))
        .orderBy(WALLET_CONNECTIONS.CREATED_AT, WALLET_CONNECTIONS.ID)
        .forEach(row ->
            all.add(
                new Connection.Wallet(
                    row.getId(), row.getChain(), row.getAddress(), row.getCreatedAt())));
    return all;
  }

  int count(DSLContext sql, UUID userId) {
    return sql.fetchCount(OAUTH_CONNECTIONS, OAUTH_CONNECTIONS.USER_ID.eq(userId))
        + sql.fetchCount(WALLET_CONNECTIONS, WALLET_CONNECTIONS.USER_ID.eq(userId));
  }

  /** False when the user has no such connection. */
  boolean delete(DSLContext sql, UUID userId, UUID id) {
    return sql.deleteFrom(OAUTH_CONNECTIONS)
                .where(OAUTH_CONNECTIONS.ID.eq(id))
                .and(OAUTH_CONNECTIONS.USER_ID.eq(userId))
                .execute()
            + sql.deleteFrom(WALLET_CONNECTIONS)
                .where(WALLET_CONNECTIONS.ID.eq(id))
                .and(WALLET_CONNECTIONS.USER_ID.eq(userId))
                .execute()
        > 0;
  }
}

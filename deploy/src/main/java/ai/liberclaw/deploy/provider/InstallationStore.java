package ai.liberclaw.deploy.provider;

import static ai.liberclaw.db.platform.Tables.INSTALLATION;

import java.util.UUID;
import org.jooq.DSLContext;

/** The id of this installation, in the name of everything it makes outside its database. */
public final class InstallationStore {
  private InstallationStore() {}

  public static UUID id(DSLContext sql) {
    return sql.select(INSTALLATION.ID).from(INSTALLATION).fetchSingle(INSTALLATION.ID);
  }
}

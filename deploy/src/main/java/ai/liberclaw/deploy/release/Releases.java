package ai.liberclaw.deploy.release;

import ai.liberclaw.core.config.ConfigException;
import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/**
 * The releases this installation has, and the one that new agents get. What they are is known to
 * all servers through the database; their archives are kept by each server that imported them.
 */
public final class Releases {
  private static final Logger LOG = System.getLogger(Releases.class.getName());

  private final PlatformDatabase database;
  private final ReleaseSettings settings;
  private final ReleaseStore store;

  public Releases(PlatformDatabase database, ReleaseSettings settings) {
    this.database = database;
    this.settings = settings;
    this.store = new ReleaseStore(settings.store());
  }

  /** What new agents get; empty before the first import. */
  public Optional<Release> current() {
    return store.current(database.dsl());
  }

  /** A release by its id. */
  public Optional<Release> find(String id) {
    return Manifest.isId(id) ? store.find(database.dsl(), id) : Optional.empty();
  }

  /** Newest first. */
  public List<Release> all() {
    return store.all(database.dsl());
  }

  /**
   * The release a job asks for, by default the current one.
   *
   * @throws ProviderException {@code release_missing} when there is none
   */
  public Release require(Optional<String> id) {
    return (id.isPresent() ? find(id.get()) : current())
        .orElseThrow(() ->
            new ProviderException(
                "release_missing", "There is no release of the agent to install.", false, null));
  }

  /**
   * Checks a bundle and keeps it: signature, and every file in the archive against the manifest.
   * Nothing changes when it is known already, but for an archive that this server did not have.
   *
   * @param bundle folder with the archive, {@code manifest.json} and {@code manifest.sig}
   * @throws BundleException when it is incomplete or not to be trusted
   * @throws IOException when it cannot be read or kept
   */
  public Release add(Path bundle) throws IOException {
    Release release = Bundle.open(bundle).check(settings.keys()).keepIn(settings.store());
    store.insert(database.dsl(), release);
    return release;
  }

  /**
   * Adds the bundle that came with this server. One not known before becomes what new agents get;
   * one known changes nothing, so that a server started again does not undo a roll-back.
   *
   * @throws ConfigException when the operator named a bundle that cannot be used; any other that
   *     cannot is logged
   */
  public void addShipped() {
    if (settings.shipped().isEmpty()) {
      return;
    }
    Path bundle = settings.shipped().get();
    try {
      Optional<Release> known = find(Bundle.open(bundle).manifest().id());
      if (known.isPresent() && known.get().here()) {
        return;
      }
      Release added = add(bundle);
      if (known.isEmpty()) {
        makeCurrent(added.id());
        LOG.log(Level.INFO, "release.current id={0} version={1}", added.id(), added.version());
      }
    } catch (BundleException | IOException e) {
      String reason = e instanceof BundleException ? e.getMessage() : e.getClass().getSimpleName();
      if (settings.shippedNamed()) {
        throw new ConfigException(
            List.of("LIBERCLAW_RELEASE_DIR names a bundle that cannot be used: " + reason));
      }
      LOG.log(Level.WARNING, "release.not_added reason={0}", reason);
    }
  }

  /**
   * Makes it the one that new agents get; those that run are not touched.
   *
   * @return false when there is no such release
   */
  public boolean makeCurrent(String id) {
    return database.transaction(sql -> makeCurrent(sql, id));
  }

  /** The same in a transaction of its caller's. */
  public static boolean makeCurrent(DSLContext sql, String id) {
    return Manifest.isId(id) && ReleaseStore.makeCurrent(sql, id);
  }
}

package ai.liberclaw.deploy.release;

import ai.liberclaw.db.postgres.PlatformDatabase;
import ai.liberclaw.deploy.provider.ProviderException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The releases this installation has, and the one that new agents get. What they are is known to
 * all servers through the database; their archives are kept by each server that imported them.
 */
public final class Releases {
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
   * Makes it the one that new agents get; those that run are not touched.
   *
   * @return false when there is no such release
   */
  public boolean makeCurrent(String id) {
    return Manifest.isId(id) && database.transaction(sql -> store.makeCurrent(sql, id));
  }
}

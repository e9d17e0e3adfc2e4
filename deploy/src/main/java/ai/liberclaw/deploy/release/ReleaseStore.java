package ai.liberclaw.deploy.release;

import static ai.liberclaw.db.platform.Tables.RELEASES;

import ai.liberclaw.db.platform.tables.records.ReleasesRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/** Rows of releases. */
final class ReleaseStore {
  private final Path folder;

  /**
   * @param folder where this server keeps archives, by release id
   */
  ReleaseStore(Path folder) {
    this.folder = folder;
  }

  Optional<Release> find(DSLContext sql, String id) {
    return sql.selectFrom(RELEASES).where(RELEASES.ID.eq(id)).fetchOptional(this::release);
  }

  Optional<Release> current(DSLContext sql) {
    return sql.selectFrom(RELEASES).where(RELEASES.CURRENT).fetchOptional(this::release);
  }

  List<Release> all(DSLContext sql) {
    return sql.selectFrom(RELEASES)
        .orderBy(RELEASES.CREATED_AT.desc(), RELEASES.ID)
        .fetch(this::release);
  }

  /**
   * @return false when it was known already; then nothing changes
   */
  boolean insert(DSLContext sql, Release release) {
    return sql.insertInto(RELEASES)
            .set(RELEASES.ID, release.id())
            .set(RELEASES.VERSION, release.version())
            .set(RELEASES.PLATFORM, release.platform())
            .set(RELEASES.ARCHIVE_SHA256, release.archiveSha256())
            .set(RELEASES.ARCHIVE_BYTES, release.archiveBytes())
            .set(RELEASES.MANIFEST, release.manifest().text())
            .set(RELEASES.SIGNED_BY, release.signedBy())
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  /**
   * Makes it the one that new agents get. Runs in a transaction of its caller's.
   *
   * @return false when there is no such release
   */
  static boolean makeCurrent(DSLContext sql, String id) {
    // Two at once: the second waits here, and sees what the first did.
    List<String> known =
        sql.select(RELEASES.ID).from(RELEASES).orderBy(RELEASES.ID).forUpdate().fetch(RELEASES.ID);
    if (!known.contains(id)) {
      return false;
    }
    sql.update(RELEASES)
        .set(RELEASES.CURRENT, false)
        .where(RELEASES.CURRENT)
        .and(RELEASES.ID.ne(id))
        .execute();
    sql.update(RELEASES).set(RELEASES.CURRENT, true).where(RELEASES.ID.eq(id)).execute();
    return true;
  }

  private Release release(ReleasesRecord row) {
    return new Release(
        Manifest.parse(row.getManifest()),
        row.getArchiveSha256(),
        row.getArchiveBytes(),
        row.getSignedBy(),
        folder.resolve(row.getId()));
  }
}

package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A history of which only so many pictures are seen, the newest, so that the others neither count
 * as part of a request nor go into one.
 */
public final class NewestImages implements History {
  private final History history;
  private final int imagesMax;
  private final BooleanSupplier sees;

  /**
   * @param imagesMax 0 is all
   * @param sees false while pictures are put into words, which has bounds of its own
   */
  public NewestImages(History history, int imagesMax, BooleanSupplier sees) {
    this.history = history;
    this.imagesMax = imagesMax;
    this.sees = sees;
  }

  @Override
  public List<Row> rows(String chatId) {
    List<Row> rows = history.rows(chatId);
    if (imagesMax == 0 || !sees.getAsBoolean()) {
      return rows;
    }
    List<Row> shown = new ArrayList<>(rows);
    int left = imagesMax;
    for (int i = rows.size() - 1; i >= 0; i--) {
      if (rows.get(i).message() instanceof Message.User user && !user.images().isEmpty()) {
        int kept = Math.min(left, user.images().size());
        left -= kept;
        shown.set(i, rows.get(i).with(user.withoutOldest(user.images().size() - kept)));
      }
    }
    return shown;
  }

  @Override
  public void compact(String chatId, List<Long> rowIds, String summary, String acknowledgement) {
    history.compact(chatId, rowIds, summary, acknowledgement);
  }
}

package ai.liberclaw.core.web;

import io.helidon.common.mapper.MapperManager;

/** What reading a header's value costs. */
public final class HeaderValues {
  private HeaderValues() {}

  /**
   * Called once by a process, before it serves. Helidon 4.4.0 otherwise searches its registry and
   * builds a mapper for every single value that is read as a number: a tenth of a short request.
   */
  @SuppressWarnings("removal") // Helidon itself still asks this class.
  public static void prepare() {
    MapperManager.global(MapperManager.create());
  }
}

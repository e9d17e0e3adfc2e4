package ai.liberclaw.api.network;

/**
 * A place on Earth.
 *
 * @param lat degrees, from -90 to 90
 * @param lng degrees, from -180 to 180
 */
record Position(double lat, double lng, String country, String city) {
  static boolean valid(double lat, double lng) {
    return Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
  }
}

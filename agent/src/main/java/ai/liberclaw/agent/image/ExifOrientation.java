package ai.liberclaw.agent.image;

/**
 * How a camera held its JPEG (Exif 2.32, 4.6.4, tag 0x0112): 1 is upright, 2 to 8 are turned or
 * mirrored.
 */
final class ExifOrientation {
  static final int UPRIGHT = 1;

  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};

  private final byte[] bytes;
  private boolean littleEndian;

  private ExifOrientation(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Upright too for what is no JPEG or says nothing. */
  static int of(byte[] jpeg) {
    return new ExifOrientation(jpeg).find();
  }

  private int find() {
    if (at(0) != 0xFF || at(1) != 0xD8) {
      return UPRIGHT;
    }
    int position = 2;
    while (at(position) == 0xFF) {
      int marker = at(position + 1);
      boolean pixels = marker == 0xDA || marker == 0xD9 || marker < 0;
      if (pixels) {
        return UPRIGHT;
      }
      littleEndian = false;
      int length = number(position + 2, 2);
      if (marker == 0xE1 && isExif(position + 4)) {
        return inTiff(position + 4 + EXIF.length);
      }
      position += 2 + Math.max(2, length);
    }
    return UPRIGHT;
  }

  private boolean isExif(int start) {
    for (int i = 0; i < EXIF.length; i++) {
      if (at(start + i) != EXIF[i]) {
        return false;
      }
    }
    return true;
  }

  private int inTiff(int start) {
    littleEndian = at(start) == 'I';
    int directory = start + number(start + 4, 4);
    if (directory < start) {
      return UPRIGHT;
    }
    int entries = number(directory, 2);
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + i * ENTRY_BYTES;
      if (at(entry) < 0) {
        return UPRIGHT;
      }
      if (number(entry, 2) == TAG) {
        int orientation = number(entry + 8, 2);
        return orientation >= UPRIGHT && orientation <= 8 ? orientation : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /** -1 outside of the file. */
  private int at(int index) {
    return index >= 0 && index < bytes.length ? bytes[index] & 0xFF : -1;
  }

  private int number(int index, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      int digit = at(index + (littleEndian ? size - 1 - i : i));
      value = value << 8 | Math.max(0, digit);
    }
    return value;
  }
}

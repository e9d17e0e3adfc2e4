package ai.liberclaw.agent.image;

import java.awt.image.BufferedImage;

/** Makes a decoded picture small, opaque and upright. */
final class Pixels {
  private static final int WHITE = 255;

  private Pixels() {}

  /**
   * Each pixel of the result is the mean of those it stands for, on white.
   *
   * @param width of the result before it is turned; not above the source's
   * @param height of the result before it is turned; not above the source's
   * @param orientation as Exif counts it
   */
  static BufferedImage scaled(BufferedImage source, int width, int height, int orientation) {
    boolean turned = orientation >= 5;
    int outWidth = turned ? height : width;
    int outHeight = turned ? width : height;
    int[] out = new int[width * height];
    int[] band = new int[0];
    for (int y = 0; y < height; y++) {
      int top = (int) ((long) y * source.getHeight() / height);
      int bottom = Math.max(top + 1, (int) ((long) (y + 1) * source.getHeight() / height));
      int size = (bottom - top) * source.getWidth();
      band = band.length >= size ? band : new int[size];
      source.getRGB(0, top, source.getWidth(), bottom - top, band, 0, source.getWidth());
      for (int x = 0; x < width; x++) {
        int left = (int) ((long) x * source.getWidth() / width);
        int right = Math.max(left + 1, (int) ((long) (x + 1) * source.getWidth() / width));
        int rgb = mean(band, source.getWidth(), left, right, bottom - top);
        out[place(x, y, width, height, orientation, outWidth)] = rgb;
      }
    }
    BufferedImage result = new BufferedImage(outWidth, outHeight, BufferedImage.TYPE_INT_RGB);
    result.setRGB(0, 0, outWidth, outHeight, out, 0, outWidth);
    return result;
  }

  private static int mean(int[] band, int stride, int left, int right, int rows) {
    long red = 0;
    long green = 0;
    long blue = 0;
    for (int row = 0; row < rows; row++) {
      for (int x = left; x < right; x++) {
        int argb = band[row * stride + x];
        int alpha = argb >>> 24;
        int paper = WHITE * (WHITE - alpha);
        red += (argb >> 16 & 0xFF) * alpha + paper;
        green += (argb >> 8 & 0xFF) * alpha + paper;
        blue += (argb & 0xFF) * alpha + paper;
      }
    }
    long weight = (long) (right - left) * rows * WHITE;
    return (int) (red / weight) << 16 | (int) (green / weight) << 8 | (int) (blue / weight);
  }

  /** Where a pixel goes in the upright picture. */
  private static int place(int x, int y, int width, int height, int orientation, int outWidth) {
    int flippedX = width - 1 - x;
    int flippedY = height - 1 - y;
    return switch (orientation) {
      case 2 -> y * outWidth + flippedX;
      case 3 -> flippedY * outWidth + flippedX;
      case 4 -> flippedY * outWidth + x;
      case 5 -> x * outWidth + y;
      case 6 -> x * outWidth + flippedY;
      case 7 -> flippedX * outWidth + flippedY;
      case 8 -> flippedX * outWidth + y;
      default -> y * outWidth + x;
    };
  }
}

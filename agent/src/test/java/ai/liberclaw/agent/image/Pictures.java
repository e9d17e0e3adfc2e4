package ai.liberclaw.agent.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Pictures for tests: the left half red, the right half blue. */
public final class Pictures {
  private Pictures() {}

  public static byte[] of(String format, int width, int height) {
    return of(format, width, height, BufferedImage.TYPE_INT_RGB);
  }

  public static byte[] of(String format, int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, x < width / 2 ? 0xFFFF0000 : 0xFF0000FF);
      }
    }
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      ImageIO.write(image, format, out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String dataUrl(String format, int width, int height) {
    String base64 = Base64.getEncoder().encodeToString(of(format, width, height));
    return "data:image/" + format + ";base64," + base64;
  }

  public static BufferedImage decoded(String base64) {
    try {
      return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

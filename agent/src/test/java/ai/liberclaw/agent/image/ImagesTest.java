package ai.liberclaw.agent.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.liberclaw.agent.model.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImagesTest {
  @Test
  void whatIsSmallStaysAsItIs() throws Exception {
    for (String format : List.of("png", "jpeg")) {
      byte[] bytes = Pictures.of(format, 1024, 300);
      Image image = Images.of(bytes, "text/plain");
      assertEquals("image/" + format, image.mediaType());
      assertArrayEquals(bytes, Base64.getDecoder().decode(image.base64()));
    }
  }

  @Test
  void whatIsLargeBecomesASmallJpeg() throws Exception {
    for (String format : List.of("png", "jpeg", "gif", "bmp")) {
      Image image = Images.of(new ByteArrayInputStream(Pictures.of(format, 2100, 100)), "");
      assertEquals("image/jpeg", image.mediaType());
      BufferedImage small = Pictures.decoded(image.base64());
      assertEquals(1024, small.getWidth(), format);
      assertEquals(49, small.getHeight(), format);
      assertNear(0xFF0000, small.getRGB(100, 20), format);
      assertNear(0x0000FF, small.getRGB(900, 20), format);
    }
  }

  @Test
  void formatsThatNotEveryModelTakesAreWrittenAnew() throws Exception {
    for (String format : List.of("gif", "bmp")) {
      Image image = Images.of(Pictures.of(format, 40, 20), "");
      assertEquals("image/jpeg", image.mediaType());
      assertEquals(40, Pictures.decoded(image.base64()).getWidth());
    }
  }

  @Test
  void webpIsReadToo() throws Exception {
    for (String webp :
        List.of(
            "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
            "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")) {
      Image image = Images.of(Base64.getDecoder().decode(webp), "image/webp");
      assertEquals("image/jpeg", image.mediaType());
      assertEquals(1, Pictures.decoded(image.base64()).getWidth());
    }
  }

  @Test
  void whatIsTransparentIsWhite() throws Exception {
    byte[] clear = clear(1100, 100);
    BufferedImage small = Pictures.decoded(Images.of(clear, "").base64());
    assertNear(0xFFFFFF, small.getRGB(500, 50), "clear");
  }

  @Test
  void pixelsAreCountedBeforeAnyIsDecoded() {
    for (int[] size : List.of(new int[] {10_000, 5_001}, new int[] {30_001, 10})) {
      byte[] bomb = pngHead(size[0], size[1]);
      ImageRefusal refused = assertThrows(ImageRefusal.class, () -> Images.of(bomb, "image/png"));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("50 million") || message.contains("30000 pixels"), message);
    }
    // Exactly the most, but there are no pixels.
    ImageRefusal damaged =
        assertThrows(ImageRefusal.class, () -> Images.of(pngHead(10_000, 5_000), "image/png"));
    assertEquals("the picture is damaged (it is said to be image/png)", damaged.getMessage());
  }

  @Test
  void whatIsNoPictureIsRefused() {
    byte[] text = "<html>not a picture</html>".getBytes(StandardCharsets.US_ASCII);
    ImageRefusal refused = assertThrows(ImageRefusal.class, () -> Images.of(text, "image/heic"));
    assertEquals(
        "this is no picture that can be read here (it is said to be image/heic); use PNG or JPEG",
        refused.getMessage());
    assertThrows(ImageRefusal.class, () -> Images.of(new byte[0], ""));
    byte[] large = new byte[Images.SOURCE_BYTES_MAX + 1];
    assertThrows(ImageRefusal.class, () -> Images.of(large, ""));
    assertThrows(ImageRefusal.class, () -> Images.of(new ByteArrayInputStream(large), ""));
  }

  @Test
  void aFileCutAnywhereIsRefusedOrWrittenAnew() throws Exception {
    for (String format : List.of("png", "jpeg", "gif", "bmp")) {
      byte[] whole = Pictures.of(format, 60, 40);
      for (int length = 0; length < whole.length; length += 7) {
        try {
          Image image = Images.of(Arrays.copyOf(whole, length), "");
          assertEquals(60, Pictures.decoded(image.base64()).getWidth(), format + " " + length);
        } catch (ImageRefusal e) {
          assertTrue(String.valueOf(e.getMessage()).contains("picture"));
        }
      }
    }
  }

  @Test
  void aPhotoIsTurnedAsItsCameraSays() throws Exception {
    byte[] photo = Pictures.of("jpeg", 80, 40);
    // 6: the right side of the file is the bottom of what was seen.
    BufferedImage turned =
        Pictures.decoded(Images.of(withOrientation(photo, 6), "image/jpeg").base64());
    assertEquals(40, turned.getWidth());
    assertEquals(80, turned.getHeight());
    assertNear(0xFF0000, turned.getRGB(20, 10), "top");
    assertNear(0x0000FF, turned.getRGB(20, 70), "bottom");
    BufferedImage upsideDown =
        Pictures.decoded(Images.of(withOrientation(photo, 3), "image/jpeg").base64());
    assertNear(0x0000FF, upsideDown.getRGB(10, 20), "left");
  }

  @Test
  void theFormatIsKnownByTheContent() throws Exception {
    assertEquals("png", Images.format(Pictures.of("png", 3, 3)));
    assertEquals("jpeg", Images.format(Pictures.of("jpeg", 3, 3)));
    assertThrows(ImageRefusal.class, () -> Images.format(new byte[] {1, 2, 3}));
  }

  private static void assertNear(int expected, int actual, String what) {
    for (int shift = 0; shift <= 16; shift += 8) {
      int difference = Math.abs((expected >> shift & 0xFF) - (actual >> shift & 0xFF));
      assertTrue(difference < 24, what + ": " + Integer.toHexString(actual));
    }
  }

  private static byte[] clear(int width, int height) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB), "png", out);
    return out.toByteArray();
  }

  /** A PNG that only says how large it is. */
  private static byte[] pngHead(int width, int height) {
    ByteBuffer chunk = ByteBuffer.allocate(17);
    chunk.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
    chunk.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(chunk.array());
    ByteBuffer png = ByteBuffer.allocate(8 + 4 + 17 + 4);
    png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    png.putInt(13).put(chunk.array()).putInt((int) crc.getValue());
    return png.array();
  }

  private static byte[] withOrientation(byte[] jpeg, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(4 + 6 + 8 + 2 + 12 + 4);
    exif.put(new byte[] {(byte) 0xFF, (byte) 0xE1}).putShort((short) (exif.capacity() - 2));
    exif.put("Exif\0\0MM".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    exif.putShort((short) 1);
    exif.putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0).putInt(0);
    ByteBuffer all = ByteBuffer.allocate(jpeg.length + exif.capacity());
    all.put(jpeg, 0, 2).put(exif.array()).put(jpeg, 2, jpeg.length - 2);
    return all.array();
  }
}

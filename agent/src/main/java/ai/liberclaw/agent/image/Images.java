package ai.liberclaw.agent.image;

import ai.liberclaw.agent.model.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Makes pictures that a model can be shown, from files nobody has checked. What a file says of its
 * size is read before any of its pixels; what it is, its content tells, not its name.
 */
public final class Images {
  /** Pixels of the longer side of what a model is shown. */
  public static final int SIDE_MAX = 1024;

  /** Pixels a picture may have before it is made small. */
  public static final long PIXELS_MAX = 50_000_000;

  /** Pixels one side of it may have. */
  public static final int SOURCE_SIDE_MAX = 30_000;

  /** Bytes a picture's file may have. */
  public static final int SOURCE_BYTES_MAX = 20 * 1024 * 1024;

  /** A small picture whose file is larger than this is written anew all the same. */
  private static final int KEPT_BYTES_MAX = 1024 * 1024;

  /** What every provider takes as it is. */
  private static final Set<String> KEPT_FORMATS = Set.of("png", "jpeg");

  private static final Set<String> FORMATS = Set.of("png", "jpeg", "gif", "bmp", "webp");
  private static final String JPEG = "image/jpeg";
  private static final float JPEG_QUALITY = 0.85f;

  /** Decoding takes cores and memory, which all agents of this process share. */
  private static final Semaphore DECODERS =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

  static {
    // Nothing here opens a display, also not on a desktop that has one.
    System.setProperty("java.awt.headless", "true");
  }

  private Images() {}

  /**
   * The picture in a file's bytes: PNG, JPEG, GIF (its first frame), BMP or WebP. One that is small
   * enough stays as it is, any other becomes a JPEG of at most {@link #SIDE_MAX} pixels a side.
   *
   * @param declaredType what the file is said to be, such as {@code image/heic}; only to explain a
   *     refusal, may be empty
   * @throws ImageRefusal when it is none, is damaged, or is over a limit, which is named
   */
  public static Image of(byte[] bytes, String declaredType)
      throws ImageRefusal, InterruptedException {
    if (bytes.length > SOURCE_BYTES_MAX) {
      throw tooLarge();
    }
    DECODERS.acquire();
    try {
      return decode(bytes, declaredType);
    } finally {
      DECODERS.release();
    }
  }

  /** The same from a stream, of which no more is read than a picture may have; it stays open. */
  public static Image of(InputStream in, String declaredType)
      throws IOException, InterruptedException {
    byte[] bytes = in.readNBytes(SOURCE_BYTES_MAX + 1);
    return of(bytes, declaredType);
  }

  private static ImageRefusal tooLarge() {
    return new ImageRefusal(
        "the picture's file is larger than " + SOURCE_BYTES_MAX / (1024 * 1024) + " MiB");
  }

  private static Image decode(byte[] bytes, String declaredType) throws ImageRefusal {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      ImageReader reader = reader(in, declaredType);
      try {
        reader.setInput(in, true, true);
        return decode(bytes, reader);
      } finally {
        reader.dispose();
      }
    } catch (ImageRefusal e) {
      throw e;
    } catch (IOException | RuntimeException _) {
      // Decoders answer hostile files with whatever exception they run into.
      throw new ImageRefusal("the picture is damaged" + said(declaredType));
    }
  }

  private static ImageReader reader(ImageInputStream in, String declaredType) throws IOException {
    for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
      ImageReader reader = readers.next();
      if (FORMATS.contains(format(reader))) {
        return reader;
      }
      reader.dispose();
    }
    throw new ImageRefusal(
        "this is no picture that can be read here" + said(declaredType) + "; use PNG or JPEG");
  }

  private static String said(String declaredType) {
    String type = declaredType.replaceAll("[^\\w/+.-]", "");
    return type.isEmpty() ? "" : " (it is said to be " + type + ")";
  }

  private static String format(ImageReader reader) throws IOException {
    return reader.getFormatName().toLowerCase(Locale.ROOT);
  }

  private static Image decode(byte[] bytes, ImageReader reader) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    check(width, height);
    AtomicBoolean warned = new AtomicBoolean();
    reader.addIIOReadWarningListener((_, _) -> warned.set(true));
    int longest = Math.max(width, height);
    // Up to twice what is wanted is decoded, so that the mean of several pixels can be taken.
    int step = Math.ceilDiv(longest, 2 * SIDE_MAX);
    BufferedImage decoded = read(reader, step);
    int orientation = ExifOrientation.of(bytes);
    if (longest <= SIDE_MAX
        && bytes.length <= KEPT_BYTES_MAX
        && KEPT_FORMATS.contains(format(reader))
        && orientation == ExifOrientation.UPRIGHT
        && !warned.get()) {
      return image("image/" + format(reader), bytes);
    }
    double scale = Math.min(1, (double) SIDE_MAX / longest);
    int toWidth = Math.clamp(Math.round(width * scale), 1, decoded.getWidth());
    int toHeight = Math.clamp(Math.round(height * scale), 1, decoded.getHeight());
    return image(JPEG, jpeg(Pixels.scaled(decoded, toWidth, toHeight, orientation)));
  }

  private static void check(int width, int height) throws ImageRefusal {
    if (width < 1 || height < 1) {
      throw new ImageRefusal("the picture has no pixels");
    }
    if ((long) width * height > PIXELS_MAX) {
      throw new ImageRefusal(
          "the picture has "
              + width
              + " x "
              + height
              + " pixels, more than "
              + PIXELS_MAX / 1_000_000
              + " million");
    }
    if (Math.max(width, height) > SOURCE_SIDE_MAX) {
      throw new ImageRefusal(
          "the picture has a side of more than " + SOURCE_SIDE_MAX + " pixels");
    }
  }

  private static BufferedImage read(ImageReader reader, int step) throws IOException {
    ImageReadParam param = reader.getDefaultReadParam();
    if (step > 1) {
      param.setSourceSubsampling(step, step, 0, 0);
    }
    // Without this, colours of a profile of its own are converted pixel by pixel, which is slow.
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    while (types.hasNext()) {
      ImageTypeSpecifier type = types.next();
      if (type.getColorModel().getColorSpace().isCS_sRGB()) {
        param.setDestinationType(type);
        break;
      }
    }
    return reader.read(0, param);
  }

  private static byte[] jpeg(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(JPEG_QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static Image image(String mediaType, byte[] bytes) {
    return new Image(mediaType, Base64.getEncoder().encodeToString(bytes));
  }
}

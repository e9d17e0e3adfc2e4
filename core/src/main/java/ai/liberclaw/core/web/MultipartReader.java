package ai.liberclaw.core.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.fileupload2.core.AbstractFileUpload;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemInput;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's multipart body part by part, as it comes in. A body that is no multipart at all
 * may show itself as one without parts.
 */
public final class MultipartReader
    extends AbstractFileUpload<Exchange, DiskFileItem, DiskFileItemFactory> {
  private static final int PART_HEADER_BYTES_MAX = 4096;

  public MultipartReader(int partsMax, long bodyBytesMax) {
    setMaxSize(bodyBytesMax);
    setMaxFileCount(partsMax);
    setMaxPartHeaderSize(PART_HEADER_BYTES_MAX);
    setHeaderCharset(StandardCharsets.UTF_8);
  }

  @Override
  public FileItemInputIterator getItemIterator(Exchange request) throws IOException {
    return getItemIterator(new Body(request));
  }

  @Override
  public Map<String, List<DiskFileItem>> parseParameterMap(Exchange request)
      throws FileUploadException {
    return parseParameterMap(new Body(request));
  }

  @Override
  public List<DiskFileItem> parseRequest(Exchange request) throws FileUploadException {
    return parseRequest(new Body(request));
  }

  /**
   * The client's name for a part's file, as it is. A part's own {@code getName} makes a path of
   * this machine of it, and fails where the machine has no such paths.
   */
  public @Nullable String fileName(FileItemInput part) {
    return getFileName(part.getHeaders());
  }

  private record Body(Exchange exchange) implements RequestContext {
    @Override
    public String getCharacterEncoding() {
      return "UTF-8";
    }

    @Override
    public long getContentLength() {
      return exchange.request().headers().contentLength().orElse(-1);
    }

    @Override
    public String getContentType() {
      return exchange.requestHeader("Content-Type").orElse("");
    }

    @Override
    public InputStream getInputStream() {
      return exchange.bodyStream();
    }

    @Override
    public boolean isMultipartRelated() {
      return getContentType().toLowerCase(Locale.ROOT).startsWith("multipart/related");
    }
  }
}

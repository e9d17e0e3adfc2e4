package ai.liberclaw.agent.workspace;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.fileupload2.core.AbstractFileUpload;
import org.apache.commons.fileupload2.core.DiskFileItem;
import org.apache.commons.fileupload2.core.DiskFileItemFactory;
import org.apache.commons.fileupload2.core.FileItemInputIterator;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.RequestContext;

/** Reads a request's multipart body part by part, as it comes in. */
final class MultipartReader
    extends AbstractFileUpload<ServerRequest, DiskFileItem, DiskFileItemFactory> {
  private static final int PART_HEADER_BYTES_MAX = 4096;

  MultipartReader(int partsMax) {
    setMaxFileCount(partsMax);
    setMaxPartHeaderSize(PART_HEADER_BYTES_MAX);
    setHeaderCharset(StandardCharsets.UTF_8);
  }

  @Override
  public FileItemInputIterator getItemIterator(ServerRequest request) throws IOException {
    return getItemIterator(new Body(request));
  }

  @Override
  public Map<String, List<DiskFileItem>> parseParameterMap(ServerRequest request)
      throws FileUploadException {
    return parseParameterMap(new Body(request));
  }

  @Override
  public List<DiskFileItem> parseRequest(ServerRequest request) throws FileUploadException {
    return parseRequest(new Body(request));
  }

  private record Body(ServerRequest request) implements RequestContext {
    @Override
    public String getCharacterEncoding() {
      return "UTF-8";
    }

    @Override
    public long getContentLength() {
      return request.headers().contentLength().orElse(-1);
    }

    @Override
    public String getContentType() {
      return request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    }

    @Override
    public InputStream getInputStream() {
      return request.content().inputStream();
    }

    @Override
    public boolean isMultipartRelated() {
      return getContentType().toLowerCase(Locale.ROOT).startsWith("multipart/related");
    }
  }
}

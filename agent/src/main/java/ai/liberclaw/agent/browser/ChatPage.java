package ai.liberclaw.agent.browser;

import ai.liberclaw.core.http.ProxyLane;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One chat's page in a browser context of its own: cookies and storage are shared with no other.
 * Downloads are refused, dialogs dismissed, further windows closed.
 */
final class ChatPage implements AutoCloseable, DevTools.Listener {
  private final DevTools devTools;
  private final ProxyLane lane;
  private final String context;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile String target = "";
  private volatile String session = "";
  private long loadsBegun;
  private boolean loading;

  private ChatPage(DevTools devTools, ProxyLane lane, String context) {
    this.devTools = devTools;
    this.lane = lane;
    this.context = context;
  }

  static ChatPage open(Chromium chromium, Deadline deadline)
      throws BrowserFault, InterruptedException {
    DevTools devTools = chromium.devTools();
    ProxyLane lane = chromium.proxy().lane();
    Optional<ChatPage> opened = Optional.empty();
    boolean ready = false;
    try {
      String context =
          devTools
              .call("", "Target.createBrowserContext", Json.object(), deadline)
              .path("browserContextId")
              .asText();
      ChatPage page = new ChatPage(devTools, lane, context);
      opened = Optional.of(page);
      page.prepare(deadline);
      ready = true;
      return page;
    } finally {
      if (!ready) {
        opened.ifPresentOrElse(ChatPage::close, lane::close);
      }
    }
  }

  private void prepare(Deadline deadline) throws BrowserFault, InterruptedException {
    devTools.call(
        "",
        "Browser.setDownloadBehavior",
        Json.object().put("behavior", "deny").put("browserContextId", context),
        deadline);
    new ProxyLogin(devTools, lane).in(context, deadline);
    devTools.listen(this);
    target = newTarget(devTools, context, deadline);
    session = attach(devTools, target, deadline);
    call("Page.enable", Json.object(), deadline);
    call("Page.setInterceptFileChooserDialog", Json.object().put("enabled", true), deadline);
    devTools.call("", "Target.setDiscoverTargets", Json.object().put("discover", true), deadline);
  }

  static String newTarget(DevTools devTools, String context, Deadline deadline)
      throws BrowserFault, InterruptedException {
    ObjectNode params = Json.object().put("url", "about:blank").put("browserContextId", context);
    return devTools.call("", "Target.createTarget", params, deadline).path("targetId").asText();
  }

  static String attach(DevTools devTools, String target, Deadline deadline)
      throws BrowserFault, InterruptedException {
    ObjectNode params = Json.object().put("targetId", target).put("flatten", true);
    return devTools.call("", "Target.attachToTarget", params, deadline).path("sessionId").asText();
  }

  JsonNode call(String method, ObjectNode params, Deadline deadline)
      throws BrowserFault, InterruptedException {
    return devTools.call(session, method, params, deadline);
  }

  void post(String method, ObjectNode params) {
    devTools.post(session, method, params);
  }

  /** Whether an address was blocked since this was asked last. */
  boolean takeRefused() {
    return lane.takeRefused();
  }

  @Override
  public void heard(String from, String method, JsonNode params) {
    switch (method) {
      case "Target.targetCreated" -> closeOther(params.path("targetInfo"));
      case "Page.javascriptDialogOpening" -> {
        if (from.equals(session)) {
          post("Page.handleJavaScriptDialog", Json.object().put("accept", false));
        }
      }
      case "Page.frameStartedLoading", "Page.frameStoppedLoading" -> {
        // A page's main frame has the id of its target.
        if (from.equals(session) && params.path("frameId").asText().equals(target)) {
          loading(method.equals("Page.frameStartedLoading"));
        }
      }
      default -> {
        // Of no interest.
      }
    }
  }

  private void closeOther(JsonNode info) {
    String id = info.path("targetId").asText();
    if (info.path("type").asText().equals("page")
        && info.path("browserContextId").asText().equals(context)
        && !target.isEmpty()
        && !id.equals(target)) {
      devTools.post("", "Target.closeTarget", Json.object().put("targetId", id));
    }
  }

  private void loading(boolean begun) {
    lock.lock();
    try {
      loading = begun;
      loadsBegun += begun ? 1 : 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many times the page has begun to load. */
  long loadsBegun() {
    lock.lock();
    try {
      return loadsBegun;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it begins to load once more, or not any longer. */
  void awaitBegin(long loadsBefore, Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = deadline.left();
      while (loadsBegun == loadsBefore && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it has loaded; false when it has not by then. */
  boolean awaitLoaded(Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = deadline.left();
      while (loading && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !loading;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    devTools.forget(this);
    lane.close();
    devTools.post(
        "", "Target.disposeBrowserContext", Json.object().put("browserContextId", context));
  }
}

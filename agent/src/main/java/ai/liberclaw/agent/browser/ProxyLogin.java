package ai.liberclaw.agent.browser;

import ai.liberclaw.core.http.GuardedProxy;
import ai.liberclaw.core.http.ProxyLane;
import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Tells a new browser context the credentials of its lane of the proxy. Chromium takes none on its
 * command line, which others could read, but remembers for a context what one of its pages
 * answered; a context that does not know them gets nothing from the network.
 */
record ProxyLogin(DevTools devTools, ProxyLane lane) {
  /** In a page for this alone. */
  void in(String context, Deadline deadline) throws BrowserFault, InterruptedException {
    String target = ChatPage.newTarget(devTools, context, deadline);
    String session = ChatPage.attach(devTools, target, deadline);
    DevTools.Listener answers = (from, method, params) -> answer(session, from, method, params);
    devTools.listen(answers);
    try {
      devTools.call(
          session, "Fetch.enable", Json.object().put("handleAuthRequests", true), deadline);
      JsonNode result =
          devTools.call(
              session,
              "Page.navigate",
              Json.object().put("url", "http://" + GuardedProxy.OWN_HOST + "/"),
              deadline);
      if (result.has("errorText")) {
        throw BrowserFault.lost(
            "the browser cannot use its proxy: " + result.path("errorText").asText());
      }
    } finally {
      devTools.forget(answers);
      devTools.post("", "Target.closeTarget", Json.object().put("targetId", target));
    }
  }

  private void answer(String session, String from, String method, JsonNode params) {
    if (!from.equals(session)) {
      return;
    }
    ObjectNode reply = Json.object().put("requestId", params.path("requestId").asText());
    if (method.equals("Fetch.requestPaused")) {
      devTools.post(session, "Fetch.continueRequest", reply);
    } else if (method.equals("Fetch.authRequired")) {
      boolean proxy = params.path("authChallenge").path("source").asText().equals("Proxy");
      ObjectNode response = reply.putObject("authChallengeResponse");
      if (proxy) {
        response
            .put("response", "ProvideCredentials")
            .put("username", lane.user())
            .put("password", lane.password());
      } else {
        response.put("response", "CancelAuth");
      }
      devTools.post(session, "Fetch.continueWithAuth", reply);
    }
  }
}

package ai.liberclaw.testkit.oauth;

import ai.liberclaw.core.json.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/** GitHub's browser sign-in: errors come with status 200, and a profile's address is not proven. */
public final class GitHubServer extends OAuthServer {
  private GitHubServer(String redirectUri) throws IOException {
    super(redirectUri, "user:email");
  }

  /** On a free port. */
  public static GitHubServer start(String redirectUri) throws IOException {
    return new GitHubServer(redirectUri);
  }

  @Override
  Optional<Answer> resource(String path, Person holder) {
    return switch (path) {
      case "/user" -> Optional.of(Answer.json(200, user(holder)));
      case "/user/emails" -> Optional.of(Answer.json(200, emails(holder)));
      default -> Optional.empty();
    };
  }

  @Override
  Answer tokenRefused(String error) {
    String named = error.equals("invalid_grant") ? "bad_verification_code" : error;
    return Answer.json(200, Json.object().put("error", named));
  }

  @Override
  void complete(ObjectNode token, Grants.Authorization authorization) {
    // GitHub tells nothing more.
  }

  private static ObjectNode user(Person holder) {
    ObjectNode user =
        Json.object()
            .put("login", "login-" + holder.id())
            .put("id", Long.parseLong(holder.id()))
            .put("name", holder.name().isEmpty() ? null : holder.name())
            .put("avatar_url", holder.picture());
    // What the person chose to show: the first one, whether proven or not.
    return user.put(
        "email", holder.addresses().isEmpty() ? null : holder.addresses().getFirst().email());
  }

  private static ArrayNode emails(Person holder) {
    ArrayNode emails = Json.object().putArray("emails");
    for (Person.Address address : holder.addresses()) {
      emails
          .addObject()
          .put("email", address.email())
          .put("verified", address.verified())
          .put("primary", address.primary())
          .putNull("visibility");
    }
    return emails;
  }
}

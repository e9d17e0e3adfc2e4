package ai.liberclaw.core.web;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a server words an error: the API as {@code {"detail"}}, the agent as {@code {"error"}}. */
@FunctionalInterface
public interface ErrorBody {
  ObjectNode of(int status, String message);
}

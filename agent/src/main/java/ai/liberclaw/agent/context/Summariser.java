package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Reply;

/** The model, as far as compaction needs it. */
@FunctionalInterface
public interface Summariser {
  Reply reply(ModelRequest request) throws ModelException, InterruptedException;
}

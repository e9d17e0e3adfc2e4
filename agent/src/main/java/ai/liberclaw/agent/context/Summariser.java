package ai.liberclaw.agent.context;

import ai.liberclaw.agent.model.ModelException;
import ai.liberclaw.agent.model.ModelRequest;
import ai.liberclaw.agent.model.Reply;

/** The model, as far as those need it who have something summarised. */
@FunctionalInterface
public interface Summariser {
  /**
   * Asks the model.
   *
   * @param turnId the turn that this is done for, which the cost is counted for
   */
  Reply reply(String turnId, ModelRequest request) throws ModelException, InterruptedException;
}

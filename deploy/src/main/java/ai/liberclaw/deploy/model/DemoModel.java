package ai.liberclaw.deploy.model;

/** A model inside this process that stands in where there is no other, and says so. */
public interface DemoModel {
  /**
   * Answers a request of OpenAI's chat completions, a stream if it asks for one. What comes with a
   * pause comes so from the body, whose reading may be interrupted.
   *
   * @param body checked: an object with a list of messages
   */
  UpstreamAnswer answer(byte[] body);
}

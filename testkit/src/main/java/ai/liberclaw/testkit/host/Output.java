package ai.liberclaw.testkit.host;

/**
 * What a finished program left.
 *
 * @param exit its status; 0 is success
 * @param out standard output
 * @param err standard error
 */
public record Output(int exit, String out, String err) {
  public boolean succeeded() {
    return exit == 0;
  }
}

package ai.liberclaw.agent.pdf;

/** Why a document was not read; the message is for the model. */
public final class PdfFault extends Exception {
  PdfFault(String message) {
    super(message, null, false, false);
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}

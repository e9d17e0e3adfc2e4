package ai.liberclaw.api.auth;

import ai.liberclaw.api.mail.Mail;
import java.net.URI;
import java.time.Duration;

/** The words of the sign-in mail. */
final class SignInMail {
  private SignInMail() {}

  static Mail of(String code, URI link, Duration lifetime) {
    String html =
        """
        <!doctype html>
        <html lang="en"><body style="font-family:sans-serif;max-width:32em;margin:2em auto">
        <h1 style="font-size:1.3em">Sign in to LiberClaw</h1>
        <p>Type this code where you asked for it:</p>
        <p style="font-size:2.4em;letter-spacing:.2em;font-weight:bold">%s</p>
        <p>or open this link: <a href="%s">%s</a></p>
        <p>Code and link work once, within %d minutes.</p>
        <p style="color:#666">Not you? Then ignore this mail; nobody gets in without it.</p>
        </body></html>
        """
            .formatted(code, link, link, lifetime.toMinutes());
    return new Mail("Sign in to LiberClaw", html, "Your code is " + code + ", or open " + link);
  }
}

package ai.liberclaw.deploy.progress;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The steps every deployment is shown in, whatever the provider, in their order. */
public enum StepKey {
  PROVISIONING,
  ALLOCATION,
  SSH,
  ENVIRONMENT,
  SERVICE,
  HEALTH;

  /** As stored and sent. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<StepKey> of(String key) {
    return Arrays.stream(values()).filter(step -> step.key().equals(key)).findFirst();
  }
}

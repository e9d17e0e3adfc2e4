package ai.liberclaw.testkit.host;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that want root, Podman and debootstrap. They are left out of {@code make test} and run by
 * {@code make test-hosts}. Where a tool is missing they are skipped with the reason, except in CI
 * (environment variable {@code CI}), where that is a failure.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("hosts")
@ExtendWith(HostsCondition.class)
public @interface OnHosts {}

/**
 * Real Debian machines with systemd and OpenSSH, and a real container engine, all run by Podman.
 * Tests that use them carry {@link ai.liberclaw.testkit.host.OnHosts} and run by {@code make
 * test-hosts}.
 */
@NullMarked
package ai.liberclaw.testkit.host;

import org.jspecify.annotations.NullMarked;

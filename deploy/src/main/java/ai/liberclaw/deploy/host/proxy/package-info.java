/**
 * TLS for agents on hosts that are reached by public names: one Caddy per host, of its own user,
 * brought by us and known by its hash, shared by the agents there.
 */
@NullMarked
package ai.liberclaw.deploy.host.proxy;

import org.jspecify.annotations.NullMarked;

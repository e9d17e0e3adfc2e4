package io.helidon.builder.api;

import io.helidon.common.config.Config;

/**
 * An interface that helidon-dbclient 4.1 asks for and Helidon 4.2 dropped; the dollar sign is part
 * of its name. Delete it once a dbclient of the line in use resolves: {@code DatabaseTest} shows
 * whether it is needed.
 */
@SuppressWarnings("removal")
public interface Prototype$ConfiguredBuilder<B, P> extends Prototype.Builder<B, P> {
  B config(Config config);
}

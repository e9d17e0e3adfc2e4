package ai.liberclaw.core.sse;

import org.jspecify.annotations.Nullable;

/**
 * One event.
 *
 * @param data its data lines joined by LF
 * @param id the {@code id:} line of this event; null when it has none
 * @param name the {@code event:} line; null when it has none
 */
public record SseEvent(String data, @Nullable String id, @Nullable String name) {}

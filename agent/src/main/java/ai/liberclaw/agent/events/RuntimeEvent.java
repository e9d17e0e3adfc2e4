package ai.liberclaw.agent.events;

import org.jspecify.annotations.Nullable;

/**
 * One thing that happened in a chat.
 *
 * @param seq its number in the chat's event log; of an event that no stream carries the number it
 *     came after, 0 before the first
 * @param runtimeId tells events apart that no stream carries; null for all others
 * @param payload JSON
 * @param createdAtMs Unix milliseconds
 */
record RuntimeEvent(
    long seq, @Nullable Long runtimeId, String type, String payload, long createdAtMs) {}

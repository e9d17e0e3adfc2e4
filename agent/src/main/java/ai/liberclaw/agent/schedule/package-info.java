/**
 * What the agent does unasked: tasks at times ({@code cron.json}), tasks when files change ({@code
 * watchers.json}) and, without the former, its heartbeat. Each run is a turn of the task's own
 * chat.
 */
@NullMarked
package ai.liberclaw.agent.schedule;

import org.jspecify.annotations.NullMarked;

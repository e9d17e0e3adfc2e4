/**
 * What both servers put around Helidon: routing on the raw path with 405 and HEAD, input checks
 * with FastAPI's error shapes, error bodies that leak nothing, and streams that end well.
 */
@NullMarked
package ai.liberclaw.core.web;

import org.jspecify.annotations.NullMarked;

/** The web API server: its configuration, its wiring, its life. */
@NullMarked
package ai.liberclaw.api;

import org.jspecify.annotations.NullMarked;

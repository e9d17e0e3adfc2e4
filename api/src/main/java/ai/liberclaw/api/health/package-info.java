/** Whether the server is alive, and whether it can do its work. */
@NullMarked
package ai.liberclaw.api.health;

import org.jspecify.annotations.NullMarked;

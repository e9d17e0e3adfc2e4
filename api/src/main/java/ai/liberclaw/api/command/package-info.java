/** What operators do from a shell, beside a running server and on the same database. */
@NullMarked
package ai.liberclaw.api.command;

import org.jspecify.annotations.NullMarked;

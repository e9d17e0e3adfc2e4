/** What a user sees and changes of themselves. */
@NullMarked
package ai.liberclaw.api.users;

import org.jspecify.annotations.NullMarked;

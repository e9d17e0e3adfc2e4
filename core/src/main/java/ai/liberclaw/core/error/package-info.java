/** What a server answers when it will not or can not do what it was asked. */
@NullMarked
package ai.liberclaw.core.error;

import org.jspecify.annotations.NullMarked;

/** A provider that signs ID tokens, and publishes the keys to check them by. */
@NullMarked
package ai.liberclaw.testkit.idtoken;

import org.jspecify.annotations.NullMarked;

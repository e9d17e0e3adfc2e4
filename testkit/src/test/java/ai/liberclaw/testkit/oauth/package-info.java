/** What a client must do right for the simulators to give it a token. */
@NullMarked
package ai.liberclaw.testkit.oauth;

import org.jspecify.annotations.NullMarked;

/** Google's and GitHub's browser sign-in on loopback. */
@NullMarked
package ai.liberclaw.testkit.oauth;

import org.jspecify.annotations.NullMarked;

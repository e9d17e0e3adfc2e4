/** What the database holds under the installation's encryption keys, and changing those keys. */
@NullMarked
package ai.liberclaw.deploy.keyring;

import org.jspecify.annotations.NullMarked;

/**
 * Sign-in with an Ethereum wallet: a text that names this site, the nonce and the time is stored as
 * it is issued, signed by the wallet, and checked against the stored one.
 */
@NullMarked
package ai.liberclaw.api.wallet;

import org.jspecify.annotations.NullMarked;

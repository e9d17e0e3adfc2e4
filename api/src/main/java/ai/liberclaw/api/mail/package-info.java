/** Mail that must not be lost: queued in the transaction that wants it sent, sent from a worker. */
@NullMarked
package ai.liberclaw.api.mail;

import org.jspecify.annotations.NullMarked;

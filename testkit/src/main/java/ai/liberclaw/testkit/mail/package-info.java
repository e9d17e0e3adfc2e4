/** A mail server for tests: the real protocol, with misbehaviour on request. */
@NullMarked
package ai.liberclaw.testkit.mail;

import org.jspecify.annotations.NullMarked;

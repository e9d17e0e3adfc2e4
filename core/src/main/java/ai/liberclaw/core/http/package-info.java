/** Outbound HTTP to addresses that a model or a user chose, kept away from private networks. */
@NullMarked
package ai.liberclaw.core.http;

import org.jspecify.annotations.NullMarked;

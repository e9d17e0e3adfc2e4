/**
 * Configuration from the environment: read once, checked whole, described by the code that reads
 * it.
 */
@NullMarked
package ai.liberclaw.core.config;

import org.jspecify.annotations.NullMarked;

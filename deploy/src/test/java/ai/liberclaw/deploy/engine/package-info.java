/** Tests of the engine's client, and a small engine to test against. */
@NullMarked
package ai.liberclaw.deploy.engine;

import org.jspecify.annotations.NullMarked;

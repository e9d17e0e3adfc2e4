/**
 * The one way this product calls agents: which requests exist, what bounds them, what they answer.
 */
@NullMarked
package ai.liberclaw.deploy.client;

import org.jspecify.annotations.NullMarked;

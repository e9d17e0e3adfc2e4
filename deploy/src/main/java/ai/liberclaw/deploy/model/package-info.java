/**
 * Services that run models: which there are, what they offer, what it costs, how they are asked.
 */
@NullMarked
package ai.liberclaw.deploy.model;

import org.jspecify.annotations.NullMarked;

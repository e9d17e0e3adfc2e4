/**
 * Deployments as durable jobs: rows with a step, an attempt and a lease, taken by any server, and
 * taken over from one that died. What is done under each step comes from a recipe.
 */
@NullMarked
package ai.liberclaw.deploy.job;

import org.jspecify.annotations.NullMarked;

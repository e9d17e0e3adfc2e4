/** Agents and what may be done with them: quotas, settings, and the deployments that follow. */
@NullMarked
package ai.liberclaw.deploy.agent;

import org.jspecify.annotations.NullMarked;

/** What calls of agents and of model services have in common. */
@NullMarked
package ai.liberclaw.deploy.http;

import org.jspecify.annotations.NullMarked;

/** What agents, people and the site may spend on models: set by owners and by the operator. */
@NullMarked
package ai.liberclaw.api.budget;

import org.jspecify.annotations.NullMarked;

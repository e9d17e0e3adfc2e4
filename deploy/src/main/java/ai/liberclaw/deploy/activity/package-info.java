/** What happened, for the feeds: of the platform's public one and of each user's own. */
@NullMarked
package ai.liberclaw.deploy.activity;

import org.jspecify.annotations.NullMarked;

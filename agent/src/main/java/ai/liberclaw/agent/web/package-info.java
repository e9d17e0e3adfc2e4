/** Services that search the web. */
@NullMarked
package ai.liberclaw.agent.web;

import org.jspecify.annotations.NullMarked;

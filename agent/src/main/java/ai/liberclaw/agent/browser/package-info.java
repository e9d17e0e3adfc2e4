/**
 * A Chromium for the model: a page of its own for each chat, all of whose traffic goes through a
 * guarded proxy.
 */
@NullMarked
package ai.liberclaw.agent.browser;

import org.jspecify.annotations.NullMarked;

/** The map of nodes that agents may run on: a public list, refreshed by one server for all. */
@NullMarked
package ai.liberclaw.api.network;

import org.jspecify.annotations.NullMarked;

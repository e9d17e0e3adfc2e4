/** Routes of the files in agents' workspaces, which pass through here and are never kept. */
@NullMarked
package ai.liberclaw.api.files;

import org.jspecify.annotations.NullMarked;

/** What the operator decides about machines nobody owns. */
@NullMarked
package ai.liberclaw.api.orphans;

import org.jspecify.annotations.NullMarked;

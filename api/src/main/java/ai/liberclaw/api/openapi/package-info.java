/** The description of the API for machines. */
@NullMarked
package ai.liberclaw.api.openapi;

import org.jspecify.annotations.NullMarked;

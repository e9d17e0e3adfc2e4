/** Looks over an installation, and says of each fault what it means and what to do. */
@NullMarked
package ai.liberclaw.api.doctor;

import org.jspecify.annotations.NullMarked;

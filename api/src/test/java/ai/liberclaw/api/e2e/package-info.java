/** The packaged jars, started as people start them, from sign-in to delete, and through kill -9. */
@NullMarked
package ai.liberclaw.api.e2e;

import org.jspecify.annotations.NullMarked;

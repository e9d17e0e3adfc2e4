@NullMarked
package ai.liberclaw.api.inference;

import org.jspecify.annotations.NullMarked;

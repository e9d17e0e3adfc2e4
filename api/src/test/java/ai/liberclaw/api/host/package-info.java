@NullMarked
package ai.liberclaw.api.host;

import org.jspecify.annotations.NullMarked;

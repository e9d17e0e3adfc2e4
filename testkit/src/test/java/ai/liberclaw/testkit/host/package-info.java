@NullMarked
package ai.liberclaw.testkit.host;

import org.jspecify.annotations.NullMarked;

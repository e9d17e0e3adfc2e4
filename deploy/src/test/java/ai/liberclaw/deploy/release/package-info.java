@NullMarked
package ai.liberclaw.deploy.release;

import org.jspecify.annotations.NullMarked;

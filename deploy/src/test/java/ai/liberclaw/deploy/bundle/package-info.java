@NullMarked
package ai.liberclaw.deploy.bundle;

import org.jspecify.annotations.NullMarked;

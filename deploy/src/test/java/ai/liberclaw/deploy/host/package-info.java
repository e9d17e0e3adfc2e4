@NullMarked
package ai.liberclaw.deploy.host;

import org.jspecify.annotations.NullMarked;

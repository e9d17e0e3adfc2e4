@NullMarked
package ai.liberclaw.deploy.adopt;

import org.jspecify.annotations.NullMarked;

@NullMarked
package ai.liberclaw.deploy.aleph;

import org.jspecify.annotations.NullMarked;

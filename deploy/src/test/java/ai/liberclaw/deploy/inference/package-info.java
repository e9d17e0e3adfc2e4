@NullMarked
package ai.liberclaw.deploy.inference;

import org.jspecify.annotations.NullMarked;

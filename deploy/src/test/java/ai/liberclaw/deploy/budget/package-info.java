@NullMarked
package ai.liberclaw.deploy.budget;

import org.jspecify.annotations.NullMarked;

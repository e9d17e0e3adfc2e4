@NullMarked
package ai.liberclaw.deploy.provider.aleph;

import org.jspecify.annotations.NullMarked;

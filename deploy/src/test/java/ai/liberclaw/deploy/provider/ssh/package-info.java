@NullMarked
package ai.liberclaw.deploy.provider.ssh;

import org.jspecify.annotations.NullMarked;

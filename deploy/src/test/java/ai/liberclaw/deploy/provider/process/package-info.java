/** Tests of the process provider's parts. */
@NullMarked
package ai.liberclaw.deploy.provider.process;

import org.jspecify.annotations.NullMarked;

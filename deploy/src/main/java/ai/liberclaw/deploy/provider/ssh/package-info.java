/** Agents on machines that owners or the operator brought, reached over SSH. */
@NullMarked
package ai.liberclaw.deploy.provider.ssh;

import org.jspecify.annotations.NullMarked;

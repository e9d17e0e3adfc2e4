/** How agents get at models: through this platform's gateway, each with a token of its own. */
@NullMarked
package ai.liberclaw.deploy.inference;

import org.jspecify.annotations.NullMarked;

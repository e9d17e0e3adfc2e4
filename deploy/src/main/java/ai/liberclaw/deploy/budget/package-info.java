/** What calls of models may cost: held back before a call, spent after it, and never more. */
@NullMarked
package ai.liberclaw.deploy.budget;

import org.jspecify.annotations.NullMarked;

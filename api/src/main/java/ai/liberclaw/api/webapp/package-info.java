/** The static build of the web app, served beside the API. */
@NullMarked
package ai.liberclaw.api.webapp;

import org.jspecify.annotations.NullMarked;

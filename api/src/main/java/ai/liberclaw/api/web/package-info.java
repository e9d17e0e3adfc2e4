/** What every route of the API shares: CORS and the form of times. */
@NullMarked
package ai.liberclaw.api.web;

import org.jspecify.annotations.NullMarked;

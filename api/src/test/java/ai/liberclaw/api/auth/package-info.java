@NullMarked
package ai.liberclaw.api.auth;

import org.jspecify.annotations.NullMarked;

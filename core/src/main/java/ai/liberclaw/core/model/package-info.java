/** Which model an agent talks to, decided in the same way wherever it is asked. */
@NullMarked
package ai.liberclaw.core.model;

import org.jspecify.annotations.NullMarked;

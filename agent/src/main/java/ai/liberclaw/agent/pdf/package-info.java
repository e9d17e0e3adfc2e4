/** Reading PDF documents, in a process of their own that a hostile one may exhaust. */
@NullMarked
package ai.liberclaw.agent.pdf;

import org.jspecify.annotations.NullMarked;

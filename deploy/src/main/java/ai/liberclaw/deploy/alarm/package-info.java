/** What the operator should know, raised by whoever sees it and kept until it is over. */
@NullMarked
package ai.liberclaw.deploy.alarm;

import org.jspecify.annotations.NullMarked;

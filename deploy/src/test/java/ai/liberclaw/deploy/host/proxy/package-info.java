@NullMarked
package ai.liberclaw.deploy.host.proxy;

import org.jspecify.annotations.NullMarked;

/** The catalogue of agent templates and skills that ships with the control plane. */
@NullMarked
package ai.liberclaw.deploy.catalogue;

import org.jspecify.annotations.NullMarked;

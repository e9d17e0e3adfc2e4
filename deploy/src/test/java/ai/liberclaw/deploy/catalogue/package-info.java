/** Tests of the catalogue against the contract. */
@NullMarked
package ai.liberclaw.deploy.catalogue;

import org.jspecify.annotations.NullMarked;

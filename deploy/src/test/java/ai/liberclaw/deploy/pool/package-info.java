/** Tests of deployments as jobs. */
@org.jspecify.annotations.NullMarked
package ai.liberclaw.deploy.pool;

/** What every provider promises, and the tests of it that all of them pass. */
@org.jspecify.annotations.NullMarked
package ai.liberclaw.deploy.provider;

/** The rules that keep the product's packages apart, for every module's architecture test. */
@NullMarked
package ai.liberclaw.testkit.architecture;

import org.jspecify.annotations.NullMarked;

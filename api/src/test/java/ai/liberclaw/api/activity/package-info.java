@NullMarked
package ai.liberclaw.api.activity;

import org.jspecify.annotations.NullMarked;

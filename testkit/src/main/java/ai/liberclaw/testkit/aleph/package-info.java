/**
 * Aleph Cloud in one process: its nodes that keep messages, those that run machines, its list, its
 * scheduler, gateway and directory. It checks every hash and signature with code of its own.
 */
@NullMarked
package ai.liberclaw.testkit.aleph;

import org.jspecify.annotations.NullMarked;

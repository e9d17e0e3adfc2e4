/** What whoever runs the server looks at: metrics, readiness, and the access log. */
@NullMarked
package ai.liberclaw.api.operations;

import org.jspecify.annotations.NullMarked;

/**
 * Tools of other programs: a client of the Model Context Protocol, revision 2025-06-18
 * (https://modelcontextprotocol.io/specification/2025-06-18), over stdio and Streamable HTTP.
 */
@NullMarked
package ai.liberclaw.agent.mcp;

import org.jspecify.annotations.NullMarked;

package ai.liberclaw.agent.mcp;

import java.util.Optional;

/**
 * What a server over HTTP remembers a client by.
 *
 * @param number of the session, from 1: a server may give the same id again
 * @param id empty for a server that remembers nobody
 * @param version of the protocol, said with every request
 */
record Session(int number, Optional<String> id, String version) {}

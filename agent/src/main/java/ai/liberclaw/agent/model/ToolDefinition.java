package ai.liberclaw.agent.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a model is told about a tool.
 *
 * @param parameters JSON schema of the arguments; nobody changes it after construction
 */
public record ToolDefinition(String name, String description, ObjectNode parameters) {}

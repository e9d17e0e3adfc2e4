// The official Anthropic client against the gateway: one scenario, its outcome as one line of JSON.
import Anthropic from "@anthropic-ai/sdk";

const [, , scenario, baseURL, apiKey] = process.argv;
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 20000 });
const messages = [{ role: "user", content: [{ type: "text", text: "Hello" }] }];
const question = { model: "claude-test", max_tokens: 200, messages };
const tools = [
  { name: "weather", description: "The weather", input_schema: { type: "object", properties: { city: { type: "string" } } } },
];

const text = (message) => message.content.find((block) => block.type === "text").text;

const scenarios = {
  async stream() {
    const stream = client.messages.stream(question);
    let deltas = 0;
    stream.on("text", () => deltas++);
    const message = await stream.finalMessage();
    return { text: text(message), deltas, output: message.usage.output_tokens };
  },
  async whole() {
    const message = await client.messages.create(question);
    return { text: text(message) };
  },
  async tools() {
    const message = await client.messages.stream({ ...question, tools }).finalMessage();
    const call = message.content.find((block) => block.type === "tool_use");
    return { name: call.name, input: call.input };
  },
  async error() {
    try {
      await client.messages.create(question);
      return { failed: false };
    } catch (e) {
      return { failed: true, name: e.constructor.name, status: e.status ?? null, message: e.message };
    }
  },
  async cancel() {
    const stream = await client.messages.create({ ...question, stream: true });
    let events = 0;
    for await (const _ of stream) {
      if (++events === 3) stream.controller.abort();
    }
    return { events };
  },
};

console.log(JSON.stringify(await scenarios[scenario]()));
process.exit(0);

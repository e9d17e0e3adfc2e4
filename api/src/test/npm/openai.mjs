// The official OpenAI client against the gateway: one scenario, its outcome as one line of JSON.
import OpenAI from "openai";

const [, , scenario, baseURL, apiKey] = process.argv;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 20000 });
const messages = [{ role: "user", content: "Hello" }];
const tools = [
  {
    type: "function",
    function: {
      name: "weather",
      description: "The weather",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  },
];

async function failure(call) {
  try {
    await call();
    return { failed: false };
  } catch (e) {
    return { failed: true, name: e.constructor.name, status: e.status ?? null, code: e.code ?? null, message: e.message };
  }
}

const scenarios = {
  async stream() {
    const stream = await client.chat.completions.create({ model: "test-model", messages, stream: true });
    let text = "";
    let events = 0;
    for await (const chunk of stream) {
      events++;
      text += chunk.choices[0]?.delta?.content ?? "";
    }
    return { text, events };
  },
  async usage() {
    const stream = await client.chat.completions.create({
      model: "test-model",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let usage = null;
    for await (const chunk of stream) usage = chunk.usage ?? usage;
    return usage;
  },
  async whole() {
    const answer = await client.chat.completions.create({ model: "test-model", messages });
    return { text: answer.choices[0].message.content, tokens: answer.usage.total_tokens };
  },
  async tools() {
    const runner = client.chat.completions.stream({ model: "test-model", messages, tools });
    const answer = await runner.finalChatCompletion();
    const call = answer.choices[0].message.tool_calls[0];
    return { name: call.function.name, arguments: call.function.arguments };
  },
  async picture() {
    const image = await client.images.generate({ model: "painter", prompt: "a cat" });
    return { bytes: Buffer.from(image.data[0].b64_json, "base64").length };
  },
  async seeing() {
    const answer = await client.chat.completions.create({
      model: "test-model",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
          ],
        },
      ],
    });
    return { text: answer.choices[0].message.content };
  },
  async embedding() {
    const answer = await client.embeddings.create({
      model: "embedder",
      input: "a cat",
      encoding_format: "float",
    });
    return { vector: answer.data[0].embedding };
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids };
  },
  async error() {
    return failure(() => client.chat.completions.create({ model: "test-model", messages }));
  },
  async streamError() {
    return failure(async () => {
      const stream = await client.chat.completions.create({ model: "test-model", messages, stream: true });
      for await (const _ of stream);
    });
  },
  async cancel() {
    const stream = await client.chat.completions.create({ model: "test-model", messages, stream: true });
    let events = 0;
    for await (const _ of stream) {
      if (++events === 3) stream.controller.abort();
    }
    return { events };
  },
};

console.log(JSON.stringify(await scenarios[scenario]()));
process.exit(0);

// The agent's HTTP routes. The secret goes into a header and nowhere else.

const SECRET = "liberclaw.secret";

export const secret = {
  get: () => sessionStorage.getItem(SECRET) ?? "",
  set: (value) => sessionStorage.setItem(SECRET, value),
  forget: () => sessionStorage.removeItem(SECRET),
};

/** An answer that is no success. Status 0: there was none. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function problem(status, body) {
  const detail = body?.detail;
  const text =
    body?.error ?? (Array.isArray(detail) ? detail.map((fault) => fault.msg).join(", ") : detail);
  return new ApiError(status, text || `The agent answered ${status}.`);
}

/** Sends a request; anything but a success is thrown. */
export async function call(method, path, { body, form, signal, headers } = {}) {
  // A header takes bytes: what is not ASCII goes as UTF-8, which the agent expects.
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret.get()));
  const all = { Authorization: `Bearer ${bytes}`, ...headers };
  if (body !== undefined) {
    all["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: all,
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, "The agent cannot be reached.");
  }
  if (!response.ok) {
    throw problem(response.status, await response.json().catch(() => null));
  }
  return response;
}

export const json = async (method, path, options) => (await call(method, path, options)).json();

export const chatPath = (id, rest = "") => `/chat/${encodeURIComponent(id)}${rest}`;

export const filePath = (path) => `/files/${path.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Gives each event of a stream to a function. Returns when the stream ends; throws when it breaks
 * or is silent for longer than the agent ever is.
 */
export async function readEvents(response, silenceMsMax, handle) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      let timer;
      const silence = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new ApiError(0, "The agent went silent.")), silenceMsMax);
      });
      const { done, value } = await Promise.race([reader.read(), silence]).finally(() =>
        clearTimeout(timer),
      );
      if (done) {
        return;
      }
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith("data: ")) {
          handle(JSON.parse(line.slice(6)));
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

// What a chat looks like: turns with messages, tool cards, questions and files.

import { el, duration } from "./dom.js";
import { fileCard } from "./files.js";
import { showMarkdown } from "./markdown.js";

const HINT_LENGTH_MAX = 120;

const DECISIONS = {
  once: "Allowed once",
  turn: "Allowed until this answer ends",
  always: "Always allowed",
  deny: "Denied",
  expired: "Nobody answered in time",
  cancelled: "Withdrawn",
};

export function userBubble(text) {
  const bubble = el("div", { class: "user" }, el("span", { class: "unseen" }, "You: "), text);
  return bubble;
}

/** The words of a message, which may be a list of blocks. */
export function plainText(message) {
  if (typeof message === "string") {
    return message;
  }
  return Array.isArray(message)
    ? message.map((block) => (block.type === "text" ? block.text : "[picture]")).join("\n")
    : "";
}

/** One turn in the log, from the user's message to its end. */
export class TurnView {
  constructor(log, decide) {
    this.element = el("section", { class: "turn", "aria-label": "Message and answer" });
    this.decide = decide;
    this.calls = [];
    this.questions = new Map();
    this.partial = null;
    this.tokens = null;
    log.append(this.element);
  }

  user(text) {
    this.element.append(userBubble(text));
  }

  /** Text that is being written. */
  delta(piece) {
    if (this.partial === null) {
      this.partial = { text: "", element: this.#textElement(), frame: 0 };
      this.partial.element.setAttribute("aria-busy", "true");
      this.partial.element.classList.add("writing");
    }
    const partial = this.partial;
    partial.text += piece;
    if (partial.frame === 0) {
      partial.frame = requestAnimationFrame(() => {
        partial.frame = 0;
        showMarkdown(partial.element, partial.text);
        this.onGrow?.();
      });
    }
  }

  /** A reader that comes back gets what was written so far once more. */
  dropPartial() {
    if (this.partial !== null) {
      cancelAnimationFrame(this.partial.frame);
      this.partial.element.remove();
      this.partial = null;
    }
  }

  text(content) {
    const element = this.partial?.element ?? this.#textElement();
    if (this.partial !== null) {
      cancelAnimationFrame(this.partial.frame);
      this.partial = null;
    }
    showMarkdown(element, content);
    element.classList.remove("writing");
    element.removeAttribute("aria-busy");
  }

  #textElement() {
    const element = el("div", { class: "text" });
    this.element.append(element);
    return element;
  }

  toolUse(name, input, live = true) {
    const state = el("span", { class: "state" });
    const card = el(
      "details",
      { class: live ? "tool running" : "tool" },
      el(
        "summary",
        {},
        el("span", { class: "mark", "aria-hidden": "true" }),
        el("strong", {}, name),
        el("span", { class: "hint-text" }, hint(input)),
        state,
      ),
      el("div", { class: "tool-body" }, labelled("Input", shown(input))),
    );
    if (live) {
      state.textContent = "running";
    }
    this.element.append(card);
    this.calls.push({ name, card, state, open: live });
  }

  toolResult(event) {
    const call = this.calls.find((known) => known.open && known.name === event.name);
    if (!call) {
      return;
    }
    call.open = false;
    this.#settle(call, event.is_error ? "failed" : "ok", duration(event.duration_ms ?? 0));
    const label = event.truncated ? "Result (its beginning)" : "Result";
    call.card.lastElementChild.append(labelled(label, event.content || "(nothing)"));
  }

  #settle(call, outcome, words) {
    call.card.classList.remove("running");
    call.card.classList.add(outcome);
    call.state.textContent = outcome === "failed" ? `failed · ${words}` : words;
  }

  blocked(event) {
    this.note(`Not allowed: ${event.tool}. ${event.reason}`, "warning");
  }

  file(path, caption) {
    this.element.append(fileCard(path, caption));
  }

  note(text, kind = "") {
    const alert = kind === "failure";
    this.element.append(el("p", { class: `note ${kind}`, role: alert ? "alert" : null }, text));
  }

  /** Asks the person in front whether a call may run. */
  question({ approval_id: id, tool, input, reason, expires_at: expires }) {
    if (this.questions.has(id)) {
      return;
    }
    const heading = `May I use ${tool}?`;
    const outcome = el("p", { class: "outcome", role: "status" });
    const choices = [
      ["once", "Allow once", "primary"],
      ["turn", "For this answer", ""],
      ["always", "Always", ""],
      ["deny", "Deny", "danger"],
    ].map(([decision, label, kind]) =>
      el("button", { type: "button", class: kind, "data-decision": decision }, label),
    );
    const buttons = el("div", { class: "buttons" }, ...choices);
    const card = el(
      "div",
      { class: "question", role: "group", "aria-label": heading },
      el("p", { class: "question-head" }, heading),
      reason ? el("p", {}, reason) : null,
      pre(shown(input)),
      expires ? el("p", { class: "muted" }, `Without an answer it is denied at ${time(expires)}.`) : null,
      buttons,
      outcome,
    );
    buttons.addEventListener("click", async (event) => {
      const decision = event.target.dataset?.decision;
      if (!decision) {
        return;
      }
      choices.forEach((button) => (button.disabled = true));
      outcome.textContent = "";
      try {
        await this.decide(id, decision);
      } catch (error) {
        outcome.textContent = error.message;
        const final = error.status === 404 || error.status === 409;
        choices.forEach((button) => (button.disabled = final));
      }
    });
    this.#asked(tool)?.state.replaceChildren("waits for you");
    this.element.append(card);
    this.questions.set(id, { tool, card, buttons, outcome });
  }

  #asked(tool) {
    return this.calls.find((call) => call.open && call.name === tool);
  }

  answered(id, decision) {
    const question = this.questions.get(id);
    if (question) {
      this.#asked(question.tool)?.state.replaceChildren("running");
      const held = question.card.contains(document.activeElement);
      question.buttons.remove();
      question.outcome.textContent = DECISIONS[decision] ?? decision;
      question.card.classList.add("closed");
      if (held) {
        document.getElementById("message").focus();
      }
    }
  }

  usage(event) {
    const sum = this.tokens ?? { prompt: 0, completion: 0 };
    sum.prompt += event.prompt_tokens ?? 0;
    sum.completion += event.completion_tokens ?? 0;
    this.tokens = sum;
  }

  failed(content, code) {
    this.dropPartial();
    if (code === "cancelled") {
      this.note("Stopped.");
    } else {
      this.note(content, code === "restarting" ? "warning" : "failure");
    }
  }

  /** Nothing more comes. */
  end() {
    this.partial = null;
    for (const call of this.calls.filter((known) => known.open)) {
      call.open = false;
      call.card.classList.remove("running");
      call.state.textContent = "";
    }
    for (const id of this.questions.keys()) {
      if (this.questions.get(id).buttons.isConnected) {
        this.answered(id, "cancelled");
      }
    }
    if (this.tokens && this.tokens.prompt > 0) {
      const { prompt, completion } = this.tokens;
      const words = `${prompt.toLocaleString()} tokens read, ${completion.toLocaleString()} written`;
      this.element.append(el("p", { class: "tokens" }, words));
    }
  }
}

const time = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const pre = (text) => el("pre", { tabindex: "0" }, text);

function labelled(label, text) {
  return el("div", {}, el("span", { class: "label" }, label), pre(text));
}

function parsed(input) {
  try {
    const value = JSON.parse(input);
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** Arguments as a person reads them: one text alone as it is, else indented JSON. */
function shown(input) {
  const value = parsed(input);
  if (value === null) {
    return input;
  }
  const entries = Object.entries(value);
  return entries.length === 1 && typeof entries[0][1] === "string"
    ? entries[0][1]
    : JSON.stringify(value, null, 2);
}

function hint(input) {
  const value = parsed(input);
  const first = value === null ? input : Object.values(value).find((v) => typeof v === "string");
  return (first ?? "").replace(/\s+/g, " ").slice(0, HINT_LENGTH_MAX);
}

// One open chat: reads its events for as long as it is open and sends messages into it.
//
// All that is shown comes from one stream that follows the chat, so a message sent from here, from
// another device, and one that waits for its turn are shown in the same way. A POST only hands a
// message over; its own stream is not read.

import { call, chatPath, json, readEvents } from "./api.js";
import * as chats from "./chats.js";
import { randomId } from "./dom.js";
import { TurnView, plainText, userBubble } from "./view.js";

/** The agent gives a sign of life every 15 s unless its owner changed that. */
const SILENCE_MS_MAX = 60_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;
const SEND_ATTEMPTS_MAX = 6;
const HISTORY_ROWS = 200;

const isUser = (event) => event.type === "text" && event.name === "user";

/** Waits ever longer, never twice the same, so that many pages do not come back at once. */
function pause(attempt, signal) {
  const full = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** attempt);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, full * (0.5 + Math.random() / 2));
    const now = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", now, { once: true });
    addEventListener("online", now, { once: true });
  });
}

export class Session {
  #log;
  #on;
  #closed = new AbortController();
  #reading = null;
  #after = null;
  #turn = null;
  #turnId = null;
  #waiting = [];

  /**
   * @param on functions: busy(bool), link(state), changed(jump), named(), signedOut(why)
   */
  constructor(id, log, on) {
    this.id = id;
    this.#log = log;
    this.#on = on;
  }

  get busy() {
    return this.#turn !== null || this.#waiting.some((sent) => sent.accepted);
  }

  /** Shows the chat and follows it until it is closed. */
  async open() {
    let attempt = 0;
    let loaded = false;
    while (!this.#closed.signal.aborted) {
      if (document.hidden && loaded && !this.busy) {
        await this.#shown();
        continue;
      }
      this.#reading = new AbortController();
      try {
        if (!loaded || this.#after === null) {
          await this.#load();
          loaded = true;
        }
        await this.#follow(() => (attempt = 0));
      } catch (error) {
        if (this.#closed.signal.aborted) {
          return;
        }
        if (error.status === 401) {
          this.#on.signedOut("This secret is not the agent's.");
          return;
        }
        if (error.status === 429 && !loaded) {
          this.#on.signedOut("Too many failed attempts. Wait a minute.");
          return;
        }
      }
      if (!document.hidden && !this.#closed.signal.aborted) {
        this.#on.link(attempt > 0 ? "lost" : "again");
        await pause(attempt++, this.#closed.signal);
      }
    }
  }

  close() {
    this.#closed.abort();
    this.#reading?.abort();
  }

  /** A page nobody looks at gives its connection back while nothing happens. */
  rest() {
    if (!this.busy) {
      this.#reading?.abort();
    }
  }

  #shown() {
    return new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
      this.#closed.signal.addEventListener("abort", resolve, { once: true });
    });
  }

  /** The stored conversation, up to where the events begin that are replayed. */
  async #load() {
    const signal = this.#reading.signal;
    const path = chatPath(this.id, `/history?limit=${HISTORY_ROWS}`);
    const [{ messages }, active] = await Promise.all([
      json("GET", path, { signal }),
      json("GET", chatPath(this.id, "/active"), { signal }),
    ]);
    if (messages.length === 0 && chats.oldestMark(this.id) === null) {
      chats.mark(this.id, 0, 0);
    }
    const mark = chats.oldestMark(this.id);
    this.#log.replaceChildren();
    this.#turn = null;
    this.#turnId = null;
    this.#waiting.forEach((sent) => this.#log.append(sent.element));
    this.#after = mark?.seq ?? null;
    this.#showHistory(messages.slice(0, cut(messages, mark, active)));
    const first = messages.find(isUser);
    if (first) {
      chats.name(this.id, plainText(first.content));
      this.#on.named();
    }
    this.#on.changed(true);
  }

  #showHistory(messages) {
    const holder = document.createDocumentFragment();
    let turn = null;
    for (const event of messages) {
      if (isUser(event) || turn === null) {
        turn = new TurnView(holder, () => {});
      }
      if (isUser(event)) {
        turn.user(plainText(event.content));
      } else if (event.type === "text") {
        turn.text(event.content);
      } else if (event.type === "tool_use") {
        turn.toolUse(event.name, event.input, false);
      } else if (event.type === "file") {
        turn.file(event.path, event.caption ?? "");
      }
    }
    this.#log.prepend(holder);
  }

  async #follow(connected) {
    const after = this.#after === null ? "" : `&after=${this.#after}`;
    const path = chatPath(this.id, `/stream?follow=true${after}`);
    const response = await call("GET", path, { signal: this.#reading.signal });
    connected();
    this.#on.link("");
    this.#turn?.dropPartial();
    await readEvents(response, SILENCE_MS_MAX, (event) => this.#show(event));
  }

  #show(event) {
    if (event.seq !== undefined) {
      if (this.#after !== null && event.seq <= this.#after) {
        return;
      }
      this.#after = event.seq;
    }
    switch (event.type) {
      case "stream_meta":
        this.#begin(event);
        break;
      case "text_delta":
        this.#turn?.delta(event.content);
        break;
      case "text":
        this.#turn?.text(event.content);
        break;
      case "tool_use":
        this.#turn?.toolUse(event.name, event.input);
        break;
      case "tool_result":
        this.#turn?.toolResult(event);
        break;
      case "file":
        this.#turn?.file(event.path, event.caption);
        break;
      case "approval_required":
        this.#turn?.question(event);
        break;
      case "approval_resolved":
        this.#turn?.answered(event.approval_id, event.decision);
        break;
      case "guardrail_blocked":
        this.#turn?.blocked(event);
        break;
      case "usage":
        this.#turn?.usage(event);
        break;
      case "error":
        // Without a number it is about the connection, and the turn goes on later.
        if (event.seq !== undefined) {
          this.#turn?.failed(event.content, event.code);
        }
        break;
      case "done":
        this.#done(event);
        break;
      default:
        // Keepalives, and what a newer agent may tell.
        return;
    }
    this.#on.changed(false);
  }

  #begin(event) {
    if (event.truncated) {
      // The agent no longer has what this page remembers.
      chats.forgetMarks(this.id);
    }
    if (event.turn_id === this.#turnId && this.#turn !== null) {
      return;
    }
    this.#turn?.end();
    this.#turnId = event.turn_id;
    const words = plainText(event.user_message);
    const sent = this.#waiting.findIndex((known) => known.text === words);
    this.#turn = new TurnView(this.#log, (id, decision) =>
      call("POST", `/approvals/${encodeURIComponent(id)}`, { body: { decision } }),
    );
    this.#turn.onGrow = () => this.#on.changed(false);
    this.#turn.user(words);
    if (sent >= 0) {
      this.#waiting.splice(sent, 1)[0].element.remove();
    }
    this.#waiting.forEach((known) => this.#log.append(known.element));
    this.#on.busy(this.busy);
  }

  #done(event) {
    if (event.seq === undefined) {
      return;
    }
    this.#turn?.end();
    this.#turn = null;
    chats.mark(this.id, event.seq, event.timestamp_ms);
    this.#on.busy(this.busy);
  }

  /** Shows a message and hands it over, again and again until the agent has it. */
  async send(text) {
    const element = userBubble(text);
    element.classList.add("sending");
    const sent = { text, element, accepted: false };
    this.#waiting.push(sent);
    this.#log.append(element);
    this.#on.changed(true);
    const body = {
      message: text,
      chat_id: this.id,
      deltas: true,
      approvals: true,
      client_message_id: randomId(),
    };
    for (let attempt = 0; ; attempt++) {
      const control = new AbortController();
      try {
        await call("POST", "/chat", { body, signal: control.signal });
        // The headers say that the message is stored.
        control.abort();
        sent.accepted = true;
        element.classList.remove("sending");
        this.#on.busy(this.busy);
        return;
      } catch (error) {
        if (error.status === 401) {
          this.#on.signedOut("This secret is not the agent's.");
        }
        const again = error.status === 0 || error.status === 502 || error.status === 503;
        if (!again || attempt + 1 >= SEND_ATTEMPTS_MAX || this.#closed.signal.aborted) {
          this.#waiting = this.#waiting.filter((known) => known !== sent);
          element.remove();
          throw error;
        }
        await pause(attempt, this.#closed.signal);
      }
    }
  }

  async stop() {
    await call("POST", chatPath(this.id, "/stop"));
  }
}

/** How many history events come before what the stream will show. */
function cut(messages, mark, active) {
  if (mark !== null) {
    const first = messages.findIndex((m) => isUser(m) && m.timestamp_ms >= mark.at);
    return first < 0 ? messages.length : first;
  }
  if (active.active) {
    const last = messages.findLastIndex(isUser);
    if (last >= 0 && plainText(messages[last].content) === plainText(active.user_message)) {
      return last;
    }
  }
  return messages.length;
}

// The page: signing in, the list of chats, the composer.

import { call, chatPath, json, secret } from "./api.js";
import * as chats from "./chats.js";
import { byId, el } from "./dom.js";
import { upload } from "./files.js";
import { Session } from "./session.js";

const FIELD_HEIGHT_MAX = 200;
const NEAR_END = 80;
const LINK_WORDS = { lost: "Reconnecting…", again: "", "": "" };

let session = null;
let stuck = true;
let attached = [];
let uploading = 0;

// Signing in

async function start() {
  showTheme();
  const health = await json("GET", "/health").catch(() => null);
  const name = health?.agent_name ?? "Agent";
  document.title = name;
  document.querySelectorAll(".agent-name").forEach((element) => (element.textContent = name));
  byId("message").placeholder = `Message ${name}`;
  byId("login").querySelector("h1").textContent = name;
  if (secret.get() === "") {
    showLogin("");
  } else {
    await enter();
  }
}

function showLogin(problem) {
  session?.close();
  session = null;
  byId("app").hidden = true;
  byId("login").hidden = false;
  byId("login-problem").textContent = problem;
  byId("secret").value = "";
  byId("secret").focus();
}

/** Looks whether the secret is right before anything is shown. */
async function enter() {
  try {
    await call("GET", chatPath(chats.current(), "/active"));
  } catch (error) {
    if (error.status === 401) {
      secret.forget();
      showLogin("This secret is not the agent's.");
      return;
    }
    if (error.status === 429) {
      showLogin("Too many failed attempts. Wait a minute.");
      return;
    }
    // Not reached: the chat is shown and says so.
  }
  byId("login").hidden = true;
  byId("app").hidden = false;
  openChat(chats.current());
}

byId("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  secret.set(byId("secret").value.trim());
  enter();
});

byId("sign-out").addEventListener("click", () => {
  secret.forget();
  byId("log").replaceChildren();
  showLogin("");
});

// Chats

function openChat(id) {
  session?.close();
  chats.select(id);
  byId("log").replaceChildren();
  byId("link").textContent = "";
  problem("");
  stuck = true;
  const opened = new Session(id, byId("log"), {
    busy: (busy) => opened === session && showBusy(busy),
    link: (state) => {
      if (opened === session) {
        byId("link").textContent = LINK_WORDS[state];
      }
    },
    changed: (jump) => opened === session && grown(jump),
    named: () => opened === session && showChats(),
    signedOut: (why) => {
      if (opened === session) {
        secret.forget();
        showLogin(why);
      }
    },
  });
  session = opened;
  showBusy(false);
  showChats();
  showList(false);
  opened.open();
  byId("message").focus({ preventScroll: true });
}

function showChats() {
  byId("chat-title").textContent = chats.title(session.id);
  byId("chat-list").replaceChildren(
    ...chats.all().map(({ id }) => {
      const button = el(
        "button",
        { type: "button", "aria-current": id === session.id ? "true" : null },
        chats.title(id),
      );
      button.addEventListener("click", () => openChat(id));
      return el("li", {}, button);
    }),
  );
}

byId("new-chat").addEventListener("click", () => openChat(chats.create()));

byId("delete-chat").addEventListener("click", async () => {
  const { id } = session;
  if (!(await confirmed(`Delete “${chats.title(id)}”? The agent forgets this conversation. Files stay.`))) {
    return;
  }
  try {
    await call("DELETE", chatPath(id));
    chats.forget(id);
    openChat(chats.current());
  } catch (error) {
    problem(error.message);
  }
});

function confirmed(question) {
  const dialog = byId("ask");
  byId("ask-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// The list of chats on a narrow screen

function showList(open) {
  document.body.classList.toggle("list-open", open);
  byId("shade").hidden = !open;
  byId("open-chats").setAttribute("aria-expanded", String(open));
}

byId("open-chats").addEventListener("click", () => {
  showList(true);
  byId("new-chat").focus();
});
byId("close-chats").addEventListener("click", () => {
  showList(false);
  byId("open-chats").focus();
});
byId("shade").addEventListener("click", () => showList(false));

// The composer

const field = byId("message");

function fit() {
  field.style.height = "auto";
  field.style.height = `${Math.min(FIELD_HEIGHT_MAX, field.scrollHeight)}px`;
  byId("send").disabled = uploading > 0 || (field.value.trim() === "" && attached.length === 0);
}

function problem(text) {
  byId("send-problem").textContent = text;
}

field.addEventListener("input", fit);
field.addEventListener("keydown", (event) => {
  // While an input method composes a character, Enter is its own.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("composer").requestSubmit();
  }
});

byId("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = field.value.trim();
  if (uploading > 0 || (words === "" && attached.length === 0)) {
    return;
  }
  const lines = attached.map((path) => `[Attached file: ${path}]`);
  const text = [words, ...lines].filter((part) => part !== "").join("\n");
  const kept = { words: field.value, attached };
  field.value = "";
  attached = [];
  showAttached();
  problem("");
  fit();
  const target = session;
  chats.touch(target.id);
  chats.name(target.id, words || lines[0]);
  showChats();
  try {
    await target.send(text);
  } catch (error) {
    problem(`Not sent. ${error.message}`);
    if (field.value === "" && target === session) {
      field.value = kept.words;
      attached = kept.attached;
      showAttached();
      fit();
    }
  }
});

async function stop() {
  try {
    await session.stop();
  } catch (error) {
    problem(error.message);
  }
}

byId("stop").addEventListener("click", stop);

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || session === null || byId("ask").open) {
    return;
  }
  if (document.body.classList.contains("list-open")) {
    showList(false);
    byId("open-chats").focus();
  } else if (session.busy) {
    stop();
  }
});

function showBusy(busy) {
  byId("stop").hidden = !busy;
  byId("log").classList.toggle("busy", busy);
}

// Files

function showAttached() {
  byId("attached").replaceChildren(
    ...attached.map((path) => {
      const remove = el("button", { type: "button", "aria-label": `Remove ${path}` }, "×");
      remove.addEventListener("click", () => {
        attached = attached.filter((other) => other !== path);
        showAttached();
        fit();
        field.focus();
      });
      return el("li", {}, path.split("/").at(-1), remove);
    }),
  );
}

async function attach(files) {
  problem("");
  uploading++;
  fit();
  for (const file of files) {
    const wait = el("li", { class: "loading", role: "status" }, `${file.name} …`);
    byId("attached").append(wait);
    try {
      attached = [...attached, await upload(file)];
    } catch (error) {
      problem(`${file.name}: ${error.message}`);
    }
    showAttached();
  }
  uploading--;
  fit();
  field.focus();
}

byId("attach").addEventListener("click", () => byId("files").click());
byId("files").addEventListener("change", async () => {
  const files = [...byId("files").files];
  byId("files").value = "";
  await attach(files);
});
field.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length > 0) {
    event.preventDefault();
    attach([...event.clipboardData.files]);
  }
});

const hasFiles = (event) => session !== null && event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (hasFiles(event)) {
    event.preventDefault();
    byId("drop").hidden = false;
  }
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) {
    byId("drop").hidden = true;
  }
});
addEventListener("drop", (event) => {
  byId("drop").hidden = true;
  if (hasFiles(event)) {
    event.preventDefault();
    attach([...event.dataTransfer.files]);
  }
});

// Scrolling: the newest stays in sight unless somebody reads above it.

const scroller = byId("scroller");

function grown(jump) {
  byId("empty").hidden = byId("log").childElementCount > 0;
  if (jump) {
    stuck = true;
  }
  if (stuck) {
    scroller.scrollTop = scroller.scrollHeight;
  }
  byId("to-end").hidden = stuck;
}

let lastTop = 0;
scroller.addEventListener("scroll", () => {
  const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  // What grows below by itself is not a person scrolling up.
  stuck = left < NEAR_END || (stuck && scroller.scrollTop >= lastTop);
  lastTop = scroller.scrollTop;
  byId("to-end").hidden = stuck;
});
new ResizeObserver(() => grown(false)).observe(byId("log"));
byId("to-end").addEventListener("click", () => grown(true));

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    session?.rest();
  }
});

// Colours

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : prefersDark.matches;
}

function showTheme() {
  byId("theme").textContent = isDark() ? "Light colours" : "Dark colours";
}

byId("theme").addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("liberclaw.theme", theme);
  showTheme();
});
prefersDark.addEventListener("change", showTheme);

fit();
start();

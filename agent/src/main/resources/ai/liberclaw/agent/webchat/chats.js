// Which chats this browser knows. Their contents stay with the agent.

import { randomId } from "./dom.js";

const LIST = "liberclaw.chats";
const CURRENT = "liberclaw.chat";
const MARKS = "liberclaw.marks";
const CHATS_MAX = 200;
const TITLE_LENGTH_MAX = 48;

/** How many finished turns are shown with all they did after a reload. */
const MARKS_MAX = 12;

function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));

export const all = () => read(LIST, []);

/** The chat this tab shows; a new one when there is none. */
export function current() {
  const id = sessionStorage.getItem(CURRENT) ?? all()[0]?.id ?? create();
  select(id);
  return id;
}

export function select(id) {
  sessionStorage.setItem(CURRENT, id);
  if (!all().some((chat) => chat.id === id)) {
    write(LIST, [{ id, title: "" }, ...all()].slice(0, CHATS_MAX));
  }
}

export function create() {
  const empty = all().find((chat) => chat.title === "" && chat.id.startsWith("web:"));
  const id = empty?.id ?? `web:${randomId()}`;
  select(id);
  return id;
}

export const title = (id) => all().find((chat) => chat.id === id)?.title || "New chat";

/** Names a chat after its first words, unless it has a name. */
export function name(id, words) {
  const line = words.trim().replace(/\s+/g, " ");
  const short = line.length > TITLE_LENGTH_MAX ? `${line.slice(0, TITLE_LENGTH_MAX - 1)}…` : line;
  write(LIST, all().map((chat) => (chat.id === id && !chat.title ? { id, title: short } : chat)));
}

/** Puts a chat first. */
export function touch(id) {
  const chat = all().find((known) => known.id === id) ?? { id, title: "" };
  write(LIST, [chat, ...all().filter((known) => known.id !== id)].slice(0, CHATS_MAX));
}

export function forget(id) {
  write(LIST, all().filter((chat) => chat.id !== id));
  forgetMarks(id);
  if (sessionStorage.getItem(CURRENT) === id) {
    sessionStorage.removeItem(CURRENT);
  }
}

/** Notes the end of a turn. Everything after the oldest mark is replayed after a reload. */
export function mark(id, seq, at) {
  const marks = read(MARKS, {});
  marks[id] = [...(marks[id] ?? []).filter((known) => known.seq < seq), { seq, at }].slice(-MARKS_MAX);
  write(MARKS, marks);
}

export const oldestMark = (id) => read(MARKS, {})[id]?.[0] ?? null;

export function forgetMarks(id) {
  const marks = read(MARKS, {});
  delete marks[id];
  write(MARKS, marks);
}

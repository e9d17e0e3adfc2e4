// The part of Markdown that models write, as DOM nodes. Nothing of the text becomes markup: raw
// HTML is shown as it is written, images are links, and only harmless links are links.

import { copyButton, el } from "./dom.js";

const DEPTH_MAX = 8;
const INLINE =
  /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__|~~(?=\S)([\s\S]*?\S)~~|\*(?=[^\s*])([^*]*?[^\s*])\*|(?<![\p{L}\p{N}_])_(?=[^\s_])([^_]*?[^\s_])_(?![\p{L}\p{N}_])|!?\[([^\]\n]*)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|(https?:\/\/[^\s<>"'`]+)|\\([\\`*_{}[\]()#+\-.!|~>])/u;

/** The address of a link that may be followed; null for all others. */
function safeAddress(text) {
  try {
    const address = new URL(text);
    return ["http:", "https:", "mailto:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

function link(address, children) {
  const href = safeAddress(address);
  return href === null
    ? el("span", {}, ...children)
    : el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

function inline(text, depth = 0) {
  const nodes = [];
  let rest = text;
  while (rest !== "") {
    const found = depth < DEPTH_MAX ? INLINE.exec(rest) : null;
    if (found === null) {
      nodes.push(rest);
      break;
    }
    if (found.index > 0) {
      nodes.push(rest.slice(0, found.index));
    }
    const [whole, , code, bold, bold2, gone, italic, italic2, label, target, bare, escaped] = found;
    let used = whole.length;
    const within = (part) => inline(part, depth + 1);
    if (code !== undefined) {
      nodes.push(el("code", {}, code.trim() === "" ? code : code.replace(/^ (.*) $/s, "$1")));
    } else if (bold ?? bold2) {
      nodes.push(el("strong", {}, ...within(bold ?? bold2)));
    } else if (gone) {
      nodes.push(el("del", {}, ...within(gone)));
    } else if (italic ?? italic2) {
      nodes.push(el("em", {}, ...within(italic ?? italic2)));
    } else if (target !== undefined) {
      nodes.push(link(target, label ? within(label) : [target]));
    } else if (bare !== undefined) {
      const address = bare.replace(/[.,;:!?)\]]+$/, "");
      used = address.length;
      nodes.push(link(address, [address]));
    } else {
      nodes.push(escaped);
    }
    rest = rest.slice(found.index + used);
  }
  return nodes;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

const starts = (line) =>
  FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);

function codeBlock(text, language) {
  const code = el("code", {}, text);
  return el(
    "div",
    { class: "code" },
    el("div", { class: "code-head" }, el("span", {}, language || "text"), copyButton(() => text)),
    el("pre", { tabindex: "0", role: "region", "aria-label": "Code" }, code),
  );
}

function cells(line) {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(head, rows) {
  const row = (line, name) => el("tr", {}, ...cells(line).map((c) => el(name, {}, ...inline(c))));
  return el(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, ...rows.map((r) => row(r, "td")))),
  );
}

function list(lines, depth) {
  const first = ITEM.exec(lines[0]);
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const indentation = new RegExp(`^\\s{0,${indent + 2}}`);
  const items = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item && item[1].length <= indent + 1) {
      items.push([item[3]]);
    } else {
      items.at(-1).push(line.replace(indentation, ""));
    }
  }
  const number = ordered ? parseInt(first[2], 10) : 1;
  return el(
    ordered ? "ol" : "ul",
    { start: ordered && number !== 1 ? number : null },
    ...items.map((item) => {
      const task = /^\[([ xX])\]\s+(.*)$/s.exec(item[0]);
      const body = task ? [task[2], ...item.slice(1)] : item;
      const nodes = blocks(body, depth + 1);
      // A short item is a line, not a paragraph.
      const tight = nodes[0]?.nodeName === "P" ? [...nodes[0].childNodes, ...nodes.slice(1)] : nodes;
      const mark = task ? (task[1] === " " ? "☐ " : "☑ ") : null;
      return el("li", { class: task ? "task" : null }, mark, ...tight);
    }),
  );
}

function blocks(lines, depth = 0) {
  const nodes = [];
  let at = 0;
  const take = (test) => {
    const taken = [];
    while (at < lines.length && test(lines[at], taken)) {
      taken.push(lines[at++]);
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === "") {
      at++;
    } else if (fence) {
      at++;
      const end = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}\\s*$`);
      const code = take((next) => !end.test(next));
      at++;
      nodes.push(codeBlock(code.join("\n"), fence[2]));
    } else if (heading) {
      at++;
      nodes.push(el(`h${Math.min(6, heading[1].length + 2)}`, {}, ...inline(heading[2])));
    } else if (RULE.test(line)) {
      at++;
      nodes.push(el("hr"));
    } else if (QUOTE.test(line) && depth < DEPTH_MAX) {
      const quoted = take((next) => QUOTE.test(next)).map((next) => QUOTE.exec(next)[1]);
      nodes.push(el("blockquote", {}, ...blocks(quoted, depth + 1)));
    } else if (ITEM.test(line) && depth < DEPTH_MAX) {
      nodes.push(list(listLines(take), depth));
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) {
      at += 2;
      nodes.push(table(line, take((next) => next.includes("|") && next.trim() !== "")));
    } else {
      at++;
      const more = take((next) => next.trim() !== "" && !starts(next));
      nodes.push(paragraph([line, ...more]));
    }
  }
  return nodes;
}

function listLines(take) {
  const taken = take(
    (next, before) =>
      ITEM.test(next) || /^\s{2,}\S/.test(next) || (next.trim() === "" && before.at(-1)?.trim() !== ""),
  );
  while (taken.at(-1).trim() === "") {
    taken.pop();
  }
  return taken;
}

function paragraph(lines) {
  const nodes = [];
  lines.forEach((line, i) => {
    if (i > 0) {
      nodes.push(el("br"));
    }
    nodes.push(...inline(line.trim()));
  });
  return el("p", {}, ...nodes);
}

/** Replaces what an element shows. */
export function showMarkdown(element, text) {
  element.replaceChildren(...blocks(text.replaceAll("\r\n", "\n").split("\n")));
}

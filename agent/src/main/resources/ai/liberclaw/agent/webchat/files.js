// Files of the agent's workspace: shown, saved, handed over.

import { call, filePath, json } from "./api.js";
import { el } from "./dom.js";

const IMAGE = /\.(png|jpe?g|gif|webp|avif|bmp)$/i;
const STROKE = { fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linejoin": "round" };
const PREVIEW_BYTES_MAX = 10 * 1024 * 1024;

/** A card for a file; pictures are shown in it. */
export function fileCard(path, caption) {
  const name = path.split("/").at(-1);
  const note = el("span", { class: "file-note", role: "status" });
  const save = el("button", { type: "button", class: "quiet", "aria-label": `Save ${name}` }, "Save");
  save.addEventListener("click", () => download(path, name, note));
  const card = el(
    "figure",
    { class: "file" },
    el(
      "figcaption",
      {},
      icon(),
      el("span", { class: "file-name" }, el("strong", {}, name), caption ? el("span", {}, caption) : null, note),
      save,
    ),
  );
  if (IMAGE.test(name)) {
    preview(path, caption || name).then(
      (image) => card.prepend(image),
      () => (note.textContent = "No preview"),
    );
  }
  return card;
}

function icon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M6 3h8l5 5v13H6zM14 3v5h5");
  for (const [name, value] of Object.entries(STROKE)) {
    path.setAttribute(name, value);
  }
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "file-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

async function preview(path, description) {
  const response = await call("GET", filePath(path));
  if (Number(response.headers.get("Content-Length")) > PREVIEW_BYTES_MAX) {
    await response.body.cancel();
    throw new Error("too large to show");
  }
  const image = el("img", { alt: description, class: "preview" });
  const address = URL.createObjectURL(await response.blob());
  image.src = address;
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(address);
  }
  return image;
}

/** A link that lives five minutes lets the browser itself save files of any size. */
async function download(path, name, note) {
  try {
    const { token } = await json("POST", "/files/token", { body: { path } });
    const link = el("a", { href: `/dl/${token}`, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    note.textContent = "";
  } catch (error) {
    note.textContent = error.message;
  }
}

/** Puts a file into the workspace. Its path there. */
export async function upload(file) {
  const form = new FormData();
  form.append("path", "uploads");
  form.append("file", file, file.name || "pasted.png");
  return (await json("POST", "/files/upload", { form })).path;
}

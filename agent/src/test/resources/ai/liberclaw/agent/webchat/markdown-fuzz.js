// Evaluated in the page: what markdown.js makes of pieces in every order and of long runs.
(async () => {
  const { showMarkdown } = await import("/assets/markdown.js");
  const parts = [
    "*", "**", "_", "`", "```", "~~~", "~~", "\n", "\n\n", "- ", "1. ", "> ", "# ", "  ", "\t", "---", "\\",
    "| a | b |", "\n|---|---|\n", "[", "](", ")", "[x](https://a.example/)", "[y](javascript:alert(1))",
    "![z](data:text/html,x)", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "https://b.example/?q=1", "<https://c.example>", "word", "\u2028", "\u{1f600}",
  ];
  const known = new Set(
    ("P BR EM STRONG DEL CODE PRE A SPAN DIV BUTTON UL OL LI BLOCKQUOTE HR TABLE THEAD TBODY TR TH TD" +
      " H3 H4 H5 H6").split(" "),
  );
  let state = 7;
  const random = (n) => (state = (state * 48271) % 2147483647) % n;
  const unknown = new Set();
  const slowest = { ms: 0, text: "" };
  const show = (text) => {
    const element = document.createElement("div");
    const start = performance.now();
    showMarkdown(element, text);
    const ms = Math.round(performance.now() - start);
    if (ms > slowest.ms) {
      Object.assign(slowest, { ms, text: text.slice(0, 40) });
    }
    for (const made of element.querySelectorAll("*")) {
      if (!known.has(made.nodeName)) {
        unknown.add(made.nodeName);
      }
      for (const { name, value } of made.attributes) {
        const active = name.startsWith("on") || name === "style" || name === "src";
        if (active || (name === "href" && !/^(https?|mailto):/.test(value))) {
          unknown.add(`${name}=${value}`);
        }
      }
    }
  };
  for (let i = 0; i < 1000; i++) {
    let text = "";
    for (let n = random(24); n >= 0; n--) {
      text += parts[random(parts.length)];
    }
    show(text);
  }
  parts.forEach((part) => show(part.repeat(2000)));
  parts.forEach((part) => show(`${part} `.repeat(2000)));
  return { unknown: [...unknown], slowest };
})();

// Conveniences only: every page does its work without this file.
"use strict";

const status = document.querySelector("#status");

// A button that copies: `content` gives { text, html }, when it is asked for. Word takes the HTML, with its italics.
function offerCopy(button, content) {
  if (!navigator.clipboard) return; // only where the address is secure or this machine
  const label = button.textContent;
  const tell = (words) => { button.textContent = status.textContent = words; };
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await toClipboard(await content());
      tell(button.dataset.done);
    } catch {
      tell(button.dataset.failed);
    }
    setTimeout(() => { button.textContent = label; status.textContent = ""; }, 2000);
  });
}

async function toClipboard({ text, html }) {
  if (!html || !window.ClipboardItem) return navigator.clipboard.writeText(text);
  const part = (words, type) => new Blob([words], { type });
  return navigator.clipboard.write([new ClipboardItem({ "text/plain": part(text, "text/plain"), "text/html": part(html, "text/html") })]);
}

const oneLine = (words) => words.trim().replace(/\s+/g, " ");

// A template is copied paragraph by paragraph, anything else as one.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!source) continue;
  const parts = source.content ? [...source.content.children] : [source];
  offerCopy(button, () => ({
    text: parts.map((part) => oneLine(part.textContent)).join("\n"),
    html: source.content ? source.innerHTML.trim() : `<p>${oneLine(source.innerHTML)}</p>`,
  }));
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText); // a page that says what is wrong is not what was asked for
  return (await answer.text()).trim();
}

for (const button of document.querySelectorAll("button[data-copy-form]")) {
  const { form } = button;
  offerCopy(button, async () => {
    const asked = new URLSearchParams(new FormData(form));
    const text = await fetched(`${form.action}?${asked}`);
    if (asked.get("format") !== "apa") return { text };
    asked.set("rich", "1");
    return { text, html: await fetched(`${form.action}?${asked}`) };
  });
}

// Arrow keys turn slides, as they do when a deck is presented; with Shift they go from hit to hit.
document.addEventListener("keydown", (event) => {
  if (event.target !== document.body && event.target.id !== "content") return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`nav.${event.shiftKey ? "walk" : "turn-pages"} a[rel="${rel}"]`);
  if (link) link.click();
});

// "/" puts the cursor in the search box, as on many sites.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.altKey || event.ctrlKey || event.metaKey) return;
  const box = document.querySelector("input[type=search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// A filter applies when it is chosen, once there is a question; a choice made with the arrow keys at Enter. Without this file
// a button applies it.
for (const field of document.querySelectorAll("form.search .filters select, form.search .filters input[type=checkbox]")) {
  let arrows = false;
  const apply = () => { if (field.form.elements.q.value.trim()) field.form.requestSubmit(); };
  field.addEventListener("pointerdown", () => { arrows = false; });
  field.addEventListener("keydown", (event) => {
    arrows = event.key.startsWith("Arrow") && !event.altKey;
    if (event.key === "Enter") apply();
  });
  field.addEventListener("change", () => { if (!arrows) apply(); });
}

// Paper shows the whole answer.
window.addEventListener("beforeprint", () => {
  for (const rest of document.querySelectorAll("details.rest")) rest.open = true;
});

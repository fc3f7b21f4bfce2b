// Conveniences only: every page does its work without this file.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  const text = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim().replace(/\s+/g, " "));
    button.textContent = button.dataset.done;
    document.querySelector("#said").textContent = button.dataset.done;
    setTimeout(() => { button.textContent = text; }, 2000);
  });
}

// Arrow keys turn slides, as they do when a deck is presented.
document.addEventListener("keydown", (event) => {
  if (event.target !== document.body && event.target.id !== "content") return;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`nav.turn-pages a[rel="${rel}"]`);
  if (link) link.click();
});

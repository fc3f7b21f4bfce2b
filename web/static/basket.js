// The basket: references and passages put aside, kept in this browser. Every page does its work without this file.
"use strict";

const BASKET = "kb-basket";
const MOST = 200;

// Items: { kind: "reference" or "passage", id, label, url, text, html }; text of documents enters a page as text only.
function basket() {
  try {
    const items = JSON.parse(localStorage.getItem(BASKET) || "[]");
    return Array.isArray(items) ? items.filter((item) => item && typeof item.id === "string" && typeof item.url === "string") : [];
  } catch {
    return [];
  }
}

function keep(items) {
  try {
    localStorage.setItem(BASKET, JSON.stringify(items.slice(-MOST)));
  } catch { /* the browser keeps nothing for this site */ }
  show();
}

function show() {
  const items = basket();
  const link = document.querySelector("#to-basket");
  link.hidden = items.length === 0 && !document.querySelector("#basket");
  link.querySelector("span").textContent = items.length;
  for (const button of document.querySelectorAll("button[data-put]")) {
    const held = items.some((item) => item.id === button.dataset.id);
    button.hidden = false;
    button.setAttribute("aria-pressed", String(held));
    button.textContent = held ? button.dataset.held : button.dataset.put;
  }
  if (document.querySelector("#basket")) fill(items);
}

for (const button of document.querySelectorAll("button[data-put]")) {
  button.addEventListener("click", () => {
    const { kind, id, url, text } = button.dataset;
    const items = basket();
    const others = items.filter((item) => item.id !== id);
    if (others.length < items.length) return keep(others);
    const cite = document.querySelector(button.dataset.cite);
    keep([...others, { kind, id, url, text: text || "", label: oneLine(cite.textContent), html: oneLine(cite.innerHTML) }]);
  });
}

function fill(items) {
  const page = document.querySelector("#basket");
  page.querySelector("[data-empty]").hidden = items.length > 0;
  page.querySelector("[data-full]").hidden = items.length === 0;
  for (const section of page.querySelectorAll("section[data-kind]")) {
    const own = items.filter((item) => item.kind === section.dataset.kind);
    section.hidden = own.length === 0;
    section.querySelector("ul").replaceChildren(...own.map(listed));
    for (const field of section.querySelectorAll("input[name=key]")) field.remove();
    const form = section.querySelector("form");
    for (const item of form ? own : []) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "key", value: item.id });
      form.append(field);
    }
  }
}

function listed(item) {
  const entry = document.querySelector("#basket-item").content.cloneNode(true);
  const [quote, link, button] = ["blockquote", "a", "button"].map((name) => entry.querySelector(name));
  quote.textContent = item.text;
  quote.hidden = !item.text;
  link.textContent = item.label || item.id;
  link.href = item.url.startsWith("/") && !item.url.startsWith("//") ? item.url : "/";
  button.setAttribute("aria-label", `${button.textContent}: ${link.textContent}`);
  button.addEventListener("click", () => {
    keep(basket().filter((other) => other.id !== item.id));
    document.querySelector("main").focus();
  });
  return entry;
}

for (const button of document.querySelectorAll("button[data-clear]")) button.addEventListener("click", () => keep([]));

const escaped = (words) => Object.assign(document.createElement("p"), { textContent: words }).innerHTML;
for (const button of document.querySelectorAll("button[data-copy-passages]")) {
  offerCopy(button, () => {
    const passages = basket().filter((item) => item.kind === "passage");
    return {
      text: passages.map((item) => `${item.text}\n${item.label}`.trim()).join("\n\n"),
      html: passages.map((item) => `<p>${escaped(item.text)}</p><p>${item.html || escaped(item.label)}</p>`).join(""),
    };
  });
}

window.addEventListener("storage", show); // another window put something aside
show();

// Uploads: each file is sent on its own, with its progress; the list of outcomes is loaded again while one waits.
"use strict";

const form = document.querySelector("form.upload");
const sending = document.querySelector(".jobs.sending");
const outcomes = document.querySelector("#jobs");

let next; // the one timer that loads the list again

function later() {
  clearTimeout(next);
  next = setTimeout(follow, 1000);
}

async function follow() {
  clearTimeout(next);
  try {
    const answer = await fetch("/intake/jobs");
    if (!answer.ok) return;
    outcomes.innerHTML = await answer.text(); // of our own server, which escapes names
  } catch { // not reached just now
    return later();
  }
  if (outcomes.querySelector("[data-waiting]")) later();
}

// A line for a file that is being sent.
function line(name, words) {
  const item = document.createElement("li");
  const file = document.createElement("span");
  file.className = "name";
  file.textContent = name;
  const state = document.createElement("strong");
  state.textContent = words;
  item.append(file, " ", state);
  sending.append(item);
  return { item, state };
}

// A button that sends a file once more.
function again(item, file, fields) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = form.dataset.again;
  button.addEventListener("click", async () => {
    item.remove();
    await send(file, fields);
    await follow();
  });
  return button;
}

function send(file, fields) {
  const { item, state } = line(file.name, form.dataset.sending);
  if (file.size > Number(form.dataset.largest)) {
    state.textContent = form.dataset.tooLarge;
    return Promise.resolve();
  }
  const bar = document.createElement("progress");
  bar.max = file.size || 1;
  bar.setAttribute("aria-label", file.name);
  item.append(" ", bar);
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.append("file", file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => { bar.value = Math.min(event.loaded, bar.max); });
    const fail = () => {
      let detail = "";
      try { detail = JSON.parse(request.responseText).detail; } catch { /* no answer, or not one of ours */ }
      bar.remove();
      state.textContent = form.dataset.failed + (detail ? `: ${detail}` : "");
      item.append(" ", again(item, file, fields));
      resolve();
    };
    request.addEventListener("error", fail);
    request.addEventListener("load", () => {
      if (request.status !== 202) return fail();
      item.remove();
      resolve();
    });
    request.open("POST", "/api/documents");
    request.send(body);
  });
}

if (form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([name]) => name !== "file");
    const files = [...form.elements.file.files];
    form.reset();
    for (const file of files) {
      await send(file, fields);
      await follow();
    }
  });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    form.elements.file.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  if (outcomes.querySelector("[data-waiting]")) later();
}

// Uploads: each file is sent on its own, with its progress; the list of outcomes is loaded again while one waits.
"use strict";

const form = document.querySelector("form.upload");
const sending = document.querySelector(".jobs.sending");
const outcomes = document.querySelector("#jobs");

async function follow() {
  const answer = await fetch("/intake/jobs");
  if (!answer.ok) return;
  outcomes.innerHTML = await answer.text(); // of our own server, which escapes names
  if (outcomes.querySelector("[data-waiting]")) setTimeout(follow, 1000);
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
    sending.replaceChildren();
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
  if (outcomes.querySelector("[data-waiting]")) setTimeout(follow, 1000);
}

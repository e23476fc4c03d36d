// Comfort on top of plain forms: chosen files are listed, sending and stages show progress, fields and boxes find
// each other. Without this script every form still works.

import { t } from "./texts.js";
import { attach } from "./typing.js";

const byId = (id) => document.getElementById(id);

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`;
}

function uploads(form) {
  const input = byId("files"), drop = byId("drop"), problem = byId("problem"), sent = byId("sent");
  const button = form.querySelector("button");
  const list = () => {
    byId("chosen").replaceChildren(...[...input.files].map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span"), bytes = document.createElement("span");
      name.textContent = file.name;
      bytes.textContent = size(file.size);
      item.append(name, bytes);
      return item;
    }));
  };
  const fail = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    sent.hidden = true;
    button.disabled = false;
  };
  input.addEventListener("change", list);
  list(); // A browser that goes back keeps what was chosen.
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.hidden = true;
    const total = [...input.files].reduce((sum, file) => sum + file.size, 0);
    if (total > Number(form.dataset.limitMb) * 2 ** 20) return fail(t("home.too_large"));
    button.disabled = true;
    sent.hidden = false;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (e) => { if (e.lengthComputable) sent.value = e.loaded / e.total; });
    request.addEventListener("error", () => fail(t("home.cut")));
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      fail(page.querySelector(".notice")?.innerText ?? t("home.not_sent"));
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

function follow(section) {
  const rows = new Map([...section.querySelectorAll("li")].map((row) => [row.dataset.stage, row]));
  const source = new EventSource(`/api/v1/dossiers/${section.dataset.id}/events`);
  source.addEventListener("progress", (event) => {
    const { stage, state, data } = JSON.parse(event.data);
    const row = rows.get(stage);
    if (!row) return;
    const bar = row.querySelector("progress");
    if (state === "started") {
      row.className = "now";
    } else if (state === "progress") {
      bar.value = data.done / data.total;
      row.querySelector("output").textContent = `${data.done}/${data.total}`;
    } else {
      bar.value = 1;
      row.className = "done";
      if (data.seconds !== undefined) row.querySelector("output").textContent = `${String(data.seconds).replace(".", ",")} s`;
    }
  });
  source.addEventListener("settled", () => {
    source.close();
    location.reload();
  });
}

function linkFieldsAndBoxes() {
  const choose = (id, scroll) => {
    for (const chosen of document.querySelectorAll(".on")) chosen.classList.remove("on");
    const field = byId(id), box = document.querySelector(`rect[data-field="${CSS.escape(id)}"]`);
    field?.classList.add("on");
    box?.classList.add("on");
    (scroll === "box" ? box : field)?.scrollIntoView({ block: "center", behavior: "smooth" });
  };
  for (const field of document.querySelectorAll(".field")) {
    field.addEventListener("focusin", () => choose(field.id, matchMedia("(min-width: 901px)").matches ? "box" : "none"));
    const text = field.querySelector(".right");
    const choice = field.querySelector("select");
    text?.addEventListener("input", () => { choice.value = "value"; });
    choice?.addEventListener("change", () => { if (choice.value === "value") text.focus(); });
  }
  for (const box of document.querySelectorAll("rect[data-field]")) {
    box.addEventListener("click", () => choose(box.dataset.field, "field"));
  }
}

function vietnameseTyping(choice) {
  choice.value = localStorage.getItem("typing") ?? "off";
  choice.closest("[hidden]")?.removeAttribute("hidden");
  choice.addEventListener("change", () => localStorage.setItem("typing", choice.value));
  for (const field of document.querySelectorAll("input.right, textarea")) attach(field, () => choice.value);
}

if (byId("new")) uploads(byId("new"));
if (byId("progress")) follow(byId("progress"));
if (byId("typing")) vietnameseTyping(byId("typing"));
linkFieldsAndBoxes();

// Papers come in: files dropped or chosen, photos of a phone. A file goes into the outbox at once, so it is kept whatever
// the network does; what is shown is what the system has and what still waits here. Enter reads the dossier.

import { t } from "/static/texts.js";
import { code, el, size } from "/static/desk_dom.js";

export function papersPart(desk) {
  const input = el("input", { id: "files", type: "file", multiple: true, class: "over-drop", "aria-describedby": "kinds" });
  const files = el("ul", { class: "files" });
  const read = el("button", { type: "button", class: "main", id: "read", onclick: start }, t("desk.papers.read"), el("kbd", {}, "Enter"));
  const phone = el("div", { class: "phone-code", "aria-live": "polite" });
  const phoneButton = el("button", { type: "button", class: "plain", id: "phone", onclick: openPhone }, t("desk.papers.phone"));
  let ticket = null, starting = false, eager = false;

  const drop = el("div", { class: "drop big" }, input,
    el("label", { for: "files", class: "lead" }, t("desk.papers.lead")), el("p", { id: "kinds", class: "dim" }, t("desk.papers.kinds")));
  input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));

  async function add(chosen) {
    for (const file of chosen) {
      if (file.size > desk.start.limit) {
        desk.failed.push(t("desk.papers.too_large", { name: file.name }));
        continue;
      }
      // A copy of the bytes: the file itself may be on a stick that is pulled out before it is sent.
      const blob = new Blob([await file.arrayBuffer()]);
      await desk.act("file", "PUT", "/files", { blob, name: file.name });
    }
    // The button takes the focus as soon as it can be pressed: a file may still be on its way into the outbox.
    eager = true;
    update();
  }

  async function start() {
    if (starting || read.disabled) return;
    starting = true;
    await desk.act("start", "POST", "/start");
    desk.render();
  }

  async function openPhone() {
    const id = desk.visit?.id;
    if (!id) return desk.say(t("desk.offline_none"));
    const answer = await fetch(`/api/v1/desk/dossiers/${id}/phone`, { method: "POST" }).catch(() => null);
    if (!answer) return desk.say(t("desk.offline_none"));
    const body = await answer.json();
    if (!answer.ok) return desk.say(t("desk.failed", body));
    ticket = body;
    update();
  }

  function drawPhone() {
    const state = desk.view?.phone;
    if (!ticket && !state) return phone.replaceChildren();
    const parts = [];
    if (state?.state === "taken") parts.push(el("p", { class: "good" }, t("desk.phone.joined", { count: state.photos })));
    else if (state?.state === "done") parts.push(el("p", { class: "good" }, t("desk.phone.finished", { count: state.photos })));
    else if (ticket) {
      const minutes = Math.ceil((new Date(ticket.expires_at) - Date.now()) / 60000);
      if (minutes <= 0) parts.push(el("p", {}, t("desk.phone.ended")));
      else {
        parts.push(code(ticket.side, ticket.path, t("desk.phone.code")),
          el("div", {}, el("p", { class: "lead" }, t("desk.phone.code")),
            el("p", {}, t("desk.phone.same", { nickname: ticket.nickname })), el("p", { class: "dim" }, t("desk.phone.left", { minutes })),
            ticket.reachable ? null : el("p", { class: "warn" }, t("desk.phone.unreachable", { address: ticket.address.split("/gui")[0] }))));
      }
    }
    phone.replaceChildren(...parts);
  }

  function update() {
    const there = (desk.view?.files ?? []).map((file) => ({ ...file, state: "there" }));
    const kept = desk.waiting.filter((one) => one.kind === "file")
      .map((one) => ({ name: one.name, size: one.blob.size, state: desk.outbox.down ? "kept" : "sending" }));
    const removed = desk.waiting.filter((one) => one.kind === "remove").map((one) => one.path);
    const all = [...there.filter((file) => !removed.some((path) => path.endsWith(file.sha256))), ...kept];
    files.replaceChildren(...all.map((file) => el("li", { class: file.state },
      el("span", { class: "name" }, file.name), el("span", { class: "dim" }, size(file.size)),
      el("span", { class: `tag ${file.state === "there" ? "filed" : ""}` }, t(`desk.papers.${file.state}`)),
      file.sha256 ? el("button", { type: "button", class: "plain small", "aria-label": t("desk.papers.remove", { name: file.name }),
        onclick: () => desk.act("remove", "DELETE", `/files/${file.sha256}`) }, "✕") : null)));
    read.disabled = !all.length || starting;
    if (eager && !read.disabled) {
      eager = false;
      read.focus();
    }
    failed.replaceChildren(...desk.failed.map((text) => el("li", {}, text)));
    drawPhone();
  }

  const failed = el("ul", { class: "failures", role: "alert" });
  const node = el("section", { class: "card papers-in" }, failed, drop, files, el("div", { class: "row" }, phoneButton, phone),
    el("div", { class: "bar" }, read));
  return { node, update, focus: () => input.focus() };
}

// The work of a visit after its papers came: pages as they are read, then what must be settled one by one, then the slip.
// One thing is in front at a time, with its piece of the page; one key settles it. What is not asked stands below.

import { t } from "/static/texts.js";
import { duration, el, newKey, pageImage, vi } from "/static/desk_dom.js";
import { fieldsPart } from "/static/desk_fields.js";
import { questionCard } from "/static/desk_question.js";

export function workPart(desk) {
  const front = el("section", { class: "card front" }), strip = el("div", { class: "strip" });
  const fields = fieldsPart(desk), problems = el("ul", { class: "failures", role: "alert" });
  const frame = document.getElementById("slip");
  let shownFront = "", drawnStrip = "", printing = false;

  const open = () => (desk.view?.questions ?? []).filter((one) => !desk.hidden.has(one.id) && !desk.hidden.has(`later:${one.id}`));
  const settled = () => desk.view && !["received", "processing", "held"].includes(desk.view.status);

  /** Answers of one question; the next one comes to the front at once. */
  function answer(question, decisions) {
    desk.hidden.add(question.id);
    desk.act("decide", "POST", "/decisions", { json: { key: newKey(), decisions } });
    update();
  }
  function later(question) {
    desk.hidden.add(`later:${question.id}`);
    desk.render();
  }

  desk.look = (place) => {
    shownFront = "";
    const asked = { id: `${place.document}.${place.key}`, kind: "field", severity: "confirm", message: "", places: [place], findings: [] };
    draw(`look:${asked.id}`, () => questionCard(desk, asked, { number: 1, count: 1, answer, later: () => { shownFront = ""; update(); } }));
  };

  function waitLine() {
    const wait = desk.view?.wait;
    if (!wait) return null;
    const first = wait.ahead ? t("desk.waiting", { ahead: wait.ahead }) : t("desk.reading");
    const span = wait.seconds ? t("desk.wait_span", { low: duration(wait.seconds[0]), high: duration(wait.seconds[1]) }) : t("desk.wait_unknown");
    return el("p", { class: "wait", title: t("desk.wait_basis", { count: wait.measured }) }, `${first}, ${span}`);
  }

  function reading() {
    const view = desk.view;
    const pages = view?.pages.length ?? 0;
    return el("div", { class: "reading", role: "status" }, el("p", { class: "lead" }, pages ? t("desk.reading_pages", { count: pages }) : t("desk.reading")),
      el("progress", view?.total ? { max: view.total, value: view.done, "aria-label": t("desk.reading") } : { "aria-label": t("desk.reading") }),
      waitLine(), view?.trouble ? el("p", { class: "warn" }, view.trouble) : null);
  }

  /** The slip: its officer is whoever is signed in; a receipt lets the dossier go on to be signed. */
  async function print() {
    if (printing) return;
    printing = true;
    const form = desk.view.slip;
    if (form === "receipt" && !desk.view.handed_out) await desk.act("hand-out", "POST", "/hand-out", { json: { key: newKey() } });
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    frame.src = `/api/v1/desk/dossiers/${desk.view.id}/slip?${Date.now()}`;
    await loaded;
    printing = false;
    desk.printed = true;
    try {
      frame.contentWindow.print();
    } catch {
      window.open(frame.src, "_blank", "noopener");   // A browser that shows PDFs in a place of its own.
    }
    desk.say(t("desk.slip.printed"));
    shownFront = "";
    update();
  }

  function slip() {
    const view = desk.view;
    if (!view.slip) {
      return el("div", { class: "slip" }, el("p", {}, view.procedure ? view.trouble || t(`desk.question.none`) : t("desk.slip.choose_procedure")),
        view.procedure ? null : procedureChoice(), el("a", { href: `/ho-so/${view.id}`, class: "button plain" }, t("desk.slip.whole_page")));
    }
    const left = view.questions.filter((one) => desk.hidden.has(`later:${one.id}`)).length;
    const whole = view.slip === "receipt";
    return el("div", { class: `slip ${view.slip}` },
      whole ? el("p", { class: "lead good" }, `✓ ${t("desk.slip.whole")}`) : el("p", { class: "lead bad" }, t("desk.slip.lacking")),
      whole ? null : el("ul", { class: "lacking" }, view.lacking.map((text) => el("li", {}, text))),
      whole && view.due ? el("p", { class: "due" }, t("desk.slip.due", { day: view.due })) : null,
      left ? el("p", { class: "warn" }, t("desk.slip.open_left", { count: left }), " ",
        el("button", { type: "button", class: "plain small", onclick: () => { for (const id of [...desk.hidden]) if (id.startsWith("later:")) desk.hidden.delete(id); update(); } }, t("desk.screen.look"))) : null,
      el("div", { class: "bar" },
        el("button", { type: "button", class: desk.printed ? "plain" : "main", id: "print", onclick: print },
          desk.printed ? t("desk.slip.again") : t(`desk.slip.${view.slip}`), desk.printed ? null : el("kbd", {}, "Enter")),
        desk.printed ? el("button", { type: "button", class: "main", id: "next", onclick: desk.leave }, t("desk.slip.next"), el("kbd", {}, "Enter")) : null,
        el("a", { href: `/ho-so/${view.id}`, class: "button plain" }, t("desk.slip.whole_page"))));
  }

  function procedureChoice() {
    const select = el("select", { id: "procedure", "aria-label": t("desk.step.choose") }, desk.procedures.map(({ procedure }) =>
      el("option", { value: procedure.code, lang: "vi" }, `${procedure.name} (${procedure.code})`)));
    return el("p", { class: "row" }, select, el("button", { type: "button", class: "main", onclick: () =>
      desk.act("decide", "POST", "/decisions", { json: { key: newKey(), decisions: [{ kind: "procedure", value: select.value }] } }) }, t("common.save")));
  }

  function draw(key, make) {
    if (key === shownFront) return;
    shownFront = key;
    const made = make();
    const { node, focus } = made instanceof Node ? { node: made, focus: null } : made;
    front.replaceChildren(node);
    const target = focus ?? front.querySelector(".main:not(:disabled)");
    // The hand is on the keyboard: what comes next has the focus, unless somebody is busy elsewhere on the page.
    if (!document.activeElement || document.activeElement === document.body || !document.activeElement.closest(".side, .fields-part, dialog")) target?.focus();
  }

  function drawStrip() {
    const view = desk.view;
    const now = JSON.stringify([view?.pages, view?.provisional]);
    if (now === drawnStrip) return;
    drawnStrip = now;
    strip.replaceChildren(...(view?.pages ?? []).map((page) => {
      const title = page.blank ? t("desk.page_blank") : page.title || (view.provisional ? "…" : t("desk.page_unknown"));
      return el("button", { type: "button", class: `thumb ${view.provisional ? "new" : ""}`, onclick: () => enlarge(page),
        "aria-label": t("desk.page_of", { number: page.number, title }) },
        page.width ? el("img", { src: pageImage(view.id, page.number), alt: "", width: page.width, height: page.height }) : null,
        el("span", {}, `${page.number}. `, page.title ? vi(title) : title), page.defects.length ? el("span", { class: "warn", lang: "vi" }, page.defects[0]) : null);
    }));
    strip.hidden = !view?.pages.length;
  }

  function enlarge(page) {
    const dialog = el("dialog", { class: "page-dialog", "aria-label": t("desk.page", { number: page.number }) },
      el("form", { method: "dialog" }, el("button", { class: "main" }, t("desk.close"))),
      el("img", { src: pageImage(desk.view.id, page.number), alt: t("desk.page_of", { number: page.number, title: page.title }) }));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function update() {
    const view = desk.view;
    const asked = open();
    const refused = (view?.files ?? []).filter((file) => file.error).map((file) => t("desk.refused_file", { name: file.name, why: file.error }));
    problems.replaceChildren(...[...desk.failed, ...refused].map((text) => el("li", {}, text)));
    problems.hidden = !problems.children.length;
    if (!settled()) {
      if (view?.slip && !view.provisional && (printing || desk.printed)) draw(`slip:${desk.printed}`, slip);
      else {
        shownFront = "";
        front.replaceChildren(reading());
      }
    } else if (asked.length) {
      const first = asked[0], count = view.questions.length;
      draw(`ask:${first.id}`, () => questionCard(desk, first, { number: count - asked.length + 1, count, answer, later }));
    } else if (!shownFront.startsWith("look:")) {
      draw(`slip:${JSON.stringify([view.slip, view.lacking, view.questions.length, desk.printed, view.due, view.procedure])}`, slip);
    }
    drawStrip();
    fields.update();
  }

  const node = el("div", { class: "desk-work" }, problems, front, strip, fields.node);
  return { node, update, open: () => !settled() || open().length > 0 };
}

// The phone's page: trades the secret behind the # for the right to send photos, then sends them one after another, each
// until it has arrived. The secret is taken out of the address at once, so that it is not kept in the history.

import { t } from "/static/texts.js";

const byId = (id) => document.getElementById(id);
const lead = byId("lead"), count = byId("count"), done = byId("done");
let sent = 0, queue = [], sending = false;

function ended(text) {
  byId("work").hidden = true;
  lead.textContent = text;
  byId("nickname").focus();
}

function joined(state) {
  byId("nickname").textContent = state.nickname;
  lead.textContent = t("desk.phone.lead");
  byId("work").hidden = false;
  told(state);
}

function told(state) {
  sent = state.photos;
  count.textContent = sent ? t("desk.phone.sent", { count: sent }) : "";
  done.disabled = !sent || queue.length > 0;
}

function chosen(input) {
  for (const file of input.files) {
    const item = document.createElement("li"), words = document.createElement("span");
    if (file.type.startsWith("image/") && !/hei[cf]/.test(file.type)) {
      const picture = document.createElement("img");
      picture.src = URL.createObjectURL(file);
      picture.alt = "";
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
      item.append(picture);
    }
    words.textContent = "…";
    item.append(words);
    byId("photos").append(item);
    queue.push({ file, words });
  }
  input.value = "";
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  done.disabled = true;
  for (let pause = 1000; queue.length;) {
    const { file, words } = queue[0];
    count.textContent = t("desk.phone.sending", { name: file.name });
    const headers = { "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` };
    const answer = await fetch("/api/v1/phone/files", { method: "PUT", body: file, headers }).catch(() => null);
    if (answer?.ok) {
      queue.shift();
      words.textContent = "✓";
      pause = 1000;
      told(await answer.json());
    } else if (answer && [404, 409].includes(answer.status)) {
      return ended(t("desk.phone.spent"));
    } else if (answer && answer.status < 500 && answer.status !== 429) {
      queue.shift();
      words.textContent = `✗ ${(await answer.json()).title}`;
    } else {
      count.textContent = t("desk.phone.again", { name: file.name });
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(8000, pause * 1.6);
    }
  }
  sending = false;
  done.disabled = !sent;
}

for (const id of ["photo", "files"]) byId(id).addEventListener("change", (event) => chosen(event.target));
done.addEventListener("click", async () => {
  const answer = await fetch("/api/v1/phone/done", { method: "POST" }).catch(() => null);
  if (answer && (answer.ok || answer.status === 404)) ended(t("desk.phone.thanks"));
});

const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const answer = secret
  ? await fetch("/api/v1/phone/open", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ secret }) }).catch(() => null)
  : await fetch("/api/v1/phone").catch(() => null);
if (answer?.ok) joined(await answer.json());
else ended(t("desk.phone.spent"));

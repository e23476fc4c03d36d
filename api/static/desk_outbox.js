// What must reach the system, whatever the network does: each act is written into IndexedDB before anything else and
// taken out when the system has answered it. Acts of a browser are sent one after another, in order; every one may be
// sent twice, the system counts it once. Nothing here knows what a page shows; it says how it goes through `on`.

const NAME = "hoso-desk";
const FIRST = 800, MOST = 8000;   // ms between two tries

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("acts", { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore("visits", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const answered = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** What a problem document says to people. */
async function problem(response) {
  try {
    const { title = "", remedy = "", code = "" } = await response.json();
    return { title, remedy, code };
  } catch {
    return { title: `HTTP ${response.status}`, remedy: "", code: "" };
  }
}

export class Outbox {
  /** `who` is the account's id: acts of somebody else on the same computer are left for them. */
  static async open(who, on) {
    return new Outbox(await opened(), who, on);
  }

  constructor(database, who, on) {
    this.database = database;
    this.who = who;
    this.on = on;
    this.sending = false;
    this.pause = FIRST;
    this.down = false;
    this.timer = 0;
    addEventListener("online", () => this.send());
    addEventListener("offline", () => this.lost());
  }

  store(name, mode = "readonly") {
    return this.database.transaction(name, mode).objectStore(name);
  }

  /** Acts that wait, the oldest first; without a visit those of all. */
  async waiting(visit = null) {
    const all = await answered(this.store("acts").getAll());
    return all.filter((act) => act.who === this.who && (visit === null || act.visit === visit));
  }

  /** An act: { visit, kind, method, path, json | blob, name }. `{id}` in the path is the dossier of the visit. */
  async add(act) {
    await answered(this.store("acts", "readwrite").add({ ...act, who: this.who }));
    this.on.changed?.();
    this.send();
  }

  visit(key) {
    return answered(this.store("visits").get(key));
  }

  async visits() {
    return (await answered(this.store("visits").getAll())).filter((visit) => visit.who === this.who);
  }

  async remember(visit) {
    await answered(this.store("visits", "readwrite").put({ ...visit, who: this.who, at: Date.now() }));
  }

  async forget(key) {
    await answered(this.store("visits", "readwrite").delete(key));
  }

  /** Sends what waits until there is nothing left or the system does not answer. */
  async send() {
    clearTimeout(this.timer);
    if (this.sending) return;
    this.sending = true;
    try {
      for (let [act] = await this.waiting(); act; [act] = await this.waiting()) {
        const outcome = await this.tried(act);
        if (outcome === "later") return this.later();
        this.pause = FIRST;
        if (this.down) {
          this.down = false;
          this.on.back?.();
        }
      }
    } finally {
      this.sending = false;
      this.on.changed?.();
    }
  }

  lost() {
    if (!this.down) {
      this.down = true;
      this.on.down?.();
    }
  }

  later() {
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(MOST, this.pause * 1.6);
  }

  /** "done" where the act was answered, for good or ill; "later" where it has to be sent again. */
  async tried(act) {
    const visit = await this.visit(act.visit);
    if (act.path.includes("{id}") && !visit?.id) {
      await this.drop(act);   // Its dossier was never opened: that act has failed and said so.
      return "done";
    }
    let response;
    try {
      response = await fetch(act.path.replace("{id}", visit?.id ?? ""), request(act));
    } catch {
      this.lost();
      return "later";
    }
    if (response.status === 401 || response.status === 403) {
      this.on.signedOut?.(await problem(response));
      return "later";
    }
    if (response.status >= 500 || response.status === 429) {
      this.lost();
      return "later";
    }
    if (response.ok) {
      const body = response.status === 204 ? null : await response.json().catch(() => null);
      if (act.kind === "begin" || act.kind === "start") await this.remember({ ...visit, key: act.visit, id: body.id });
      await this.drop(act);
      await this.on.done?.(act, body);
      return "done";
    }
    const why = await problem(response);
    if (why.code === "dossier_busy") return "later";   // A worker has it in hand for a moment.
    await this.drop(act);
    await this.on.failed?.(act, why);
    return "done";
  }

  drop(act) {
    return answered(this.store("acts", "readwrite").delete(act.seq));
  }
}

function request({ method, json, blob, name }) {
  if (blob) {
    const headers = { "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}` };
    return { method, body: blob, headers: { ...headers, "Content-Type": "application/octet-stream" } };
  }
  if (json === undefined) return { method };
  return { method, body: JSON.stringify(json), headers: { "Content-Type": "application/json" } };
}

// Keeps the draft: saves a moment after every change, one save at a time, puts what the guidelines say of each line into its
// place, and tells a window that a newer one has taken over from.

const PAUSE = 400; // ms after the last letter
const CHANGED = 100; // ms after a field was left: then the lines are judged anew
const AGAIN = 5000; // ms until a save that failed is tried again
const WAITING = 10_000; // ms until a line that waits for the video is judged again

export class PrescriptionForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.state = this.querySelector("#draft-state");
    this.elsewhere = this.querySelector("#draft-elsewhere");
    const { window: name, version } = this.form.elements;
    this.fresh = !name.value;
    if (this.fresh) name.value = crypto.getRandomValues(new Uint32Array(3)).join("").slice(0, 22);
    this.number = Number(version.value);
    this.running = this.fresh ? this.send({ claim: "open" }).then((answer) => answer?.status === 205 && this.reload()) : Promise.resolve();

    this.form.addEventListener("input", () => this.schedule());
    this.form.addEventListener("change", () => this.scheduleJudging());
    this.addEventListener("htmx:configRequest", (event) => this.joinSave(event));
    this.addEventListener("htmx:afterSettle", (event) => event.target.id === "medicines" && this.changed());
    this.addEventListener("htmx:afterRequest", (event) => this.joined(event));
    this.addEventListener("search-box:chosen", (event) => this.proposeDose(event.detail.dose));
    this.addEventListener("keydown", (event) => this.holdEnter(event));
    this.querySelector("[data-take-over]").addEventListener("click", () => this.takeOver());
    this.leave = () => document.visibilityState === "hidden" && this.saveOnLeaving();
    document.addEventListener("visibilitychange", this.leave);
    this.lost = !this.elsewhere.hidden;
    // Sent and come back with faults: to the first of them, once htmx has put everything into its place.
    if (!this.fresh) setTimeout(() => this.showFault(), 50);
    this.waitForVideo();
    // Somebody typed before this script was there.
    if ([...this.form.querySelectorAll("input, select, textarea")].some(isChanged)) this.schedule();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.leave);
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
  }

  changed() {
    // Not while the doctor writes in another box already.
    const here = document.activeElement;
    if (here === document.body || this.querySelector("#medicines").contains(here)) this.showFault();
    this.waitForVideo();
  }

  showFault() {
    this.querySelector("[aria-invalid=true]")?.focus();
  }

  schedule(pause = PAUSE) {
    if (this.lost) return;
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.running = this.running.then(() => this.save())), pause);
  }

  scheduleJudging() {
    this.judging = true;
    this.schedule(CHANGED);
  }

  waitForVideo() {
    clearTimeout(this.waiting);
    if (this.querySelector("[data-waits]")) this.waiting = setTimeout(() => this.scheduleJudging(), WAITING);
  }

  async save() {
    if (!this.dirty || this.lost || !this.isConnected) return;
    const judging = this.judging;
    this.dirty = this.judging = false;
    this.number += 1;
    const answer = await this.send(judging ? { judge: "1" } : {});
    if (answer?.ok) {
      this.state.textContent = this.dataset.saved;
      if (answer.status === 200) this.put(await answer.text());
    } else if (answer?.status === 409) {
      this.tellLost();
    } else if (this.isConnected && answer?.status !== 404) {
      this.state.textContent = this.dataset.unsaved;
      this.judging ||= judging;
      this.schedule(AGAIN);
    }
  }

  put(states) {
    // Made by our own templates, which escape every word.
    for (const fresh of new DOMParser().parseFromString(states, "text/html").querySelectorAll("[id]")) {
      this.querySelector(`#${fresh.id}`)?.replaceWith(fresh);
    }
    this.waitForVideo();
  }

  async send(more = {}) {
    this.form.elements.version.value = String(this.number);
    const body = new FormData(this.form);
    for (const [name, value] of Object.entries(more)) body.append(name, value);
    try {
      return await fetch(this.dataset.draft, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      return null; // no line: told as unsaved and tried again
    }
  }

  joinSave(event) {
    // A button among the medicines sends the whole form: the draft is kept with it.
    if (event.detail.verb !== "post" || this.lost) return;
    clearTimeout(this.timer);
    this.dirty = false;
    this.number += 1;
    this.form.elements.version.value = event.detail.parameters.version = String(this.number);
  }

  joined(event) {
    const { target, xhr, successful } = event.detail;
    if (target?.id !== "medicines") return;
    if (xhr.status === 409) this.tellLost();
    else if (successful || xhr.status === 422) this.state.textContent = this.dataset.saved;
    else this.schedule(AGAIN);
  }

  saveOnLeaving() {
    if (!this.dirty || this.lost) return;
    this.dirty = false;
    this.number += 1;
    this.form.elements.version.value = String(this.number);
    navigator.sendBeacon(this.dataset.draft, new FormData(this.form));
  }

  tellLost() {
    this.lost = true;
    this.state.textContent = "";
    this.elsewhere.hidden = false;
  }

  async takeOver() {
    const answer = await this.send({ claim: "force" });
    if (!answer?.ok) return;
    this.number = (await answer.json()).version;
    this.form.elements.version.value = String(this.number);
    this.lost = false;
    this.elsewhere.hidden = true;
    this.state.textContent = this.dataset.saved;
    this.scheduleJudging();
  }

  reload() {
    // Another window has saved since this one was shown.
    if (this.isConnected) window.htmx.ajax("GET", this.dataset.self, { target: this, swap: "outerHTML" });
  }

  proposeDose(dose) {
    const field = this.form.elements.dose;
    if (!dose || (field.value && field.value !== this.proposed)) return;
    field.value = this.proposed = dose;
  }

  holdEnter(event) {
    // Enter adds a line from inside it; anywhere else it would press a button that nobody meant.
    const box = event.target;
    if (event.key === "Enter" && box.matches("input") && !box.closest("#medicines")) event.preventDefault();
  }
}

/** Whether a control no longer says what the server wrote into it. */
function isChanged(control) {
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (!control.options) return control.value !== control.defaultValue;
  const written = [...control.options].findIndex((option) => option.defaultSelected);
  return control.selectedIndex !== Math.max(written, 0);
}

/**
 * The written side of the consultation: lines and files go by POST, and come as HTML
 * when the socket says that there is something new. Knows no connection.
 */

import { play } from "./sound.js";

export class Chat {
  #panel;
  #list;
  #fetching = Promise.resolve();
  #onNews;
  #onFile;

  /**
   * @param {HTMLElement} panel holds the list and both forms; data-lines is where lines come from
   * @param {() => void} onNews the other side wrote
   * @param {() => void} onFile there is a new file, of whichever side
   */
  constructor(panel, { onNews, onFile }) {
    this.#panel = panel;
    this.#list = panel.querySelector("ol");
    this.#onNews = onNews;
    this.#onFile = onFile;
    panel.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(event.target);
    });
    // Enter sends, Shift+Enter makes a new line, as people know it.
    panel.querySelector("textarea").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.target.form.requestSubmit();
    });
    this.#toEnd();
  }

  /** Fetch what came after the last line shown; a line told by its number may even stand before that one. */
  refresh(told = Infinity) {
    const fetching = () => this.#fetch(told);
    this.#fetching = this.#fetching.then(fetching, fetching);
    return this.#fetching;
  }

  get #last() {
    return Number(this.#list.lastElementChild?.dataset.line ?? 0);
  }

  async #fetch(told) {
    const response = await fetch(`${this.#panel.dataset.lines}?after=${Math.min(this.#last, told - 1)}`);
    if (!response.ok) return;
    this.#show(await response.text());
  }

  #show(html) {
    const page = document.createElement("template");
    page.innerHTML = html;
    const shown = new Set(Array.from(this.#list.children, (line) => line.dataset.line));
    const fresh = Array.from(page.content.children).filter((line) => !shown.has(line.dataset.line));
    if (!fresh.length) return;
    this.#list.append(...fresh);
    this.#toEnd();
    if (fresh.some((line) => "file" in line.dataset)) this.#onFile();
    if (fresh.every((line) => line.classList.contains("mine"))) return;
    play([880, 1175], 0.12);
    this.#onNews();
  }

  async #submit(form) {
    const button = form.querySelector("button");
    const error = form.querySelector("[role=alert]");
    const body = new FormData(form); // before the field is locked: a locked field is not sent
    body.append("after", this.#last);
    error.textContent = "";
    if (body.get("file")?.size > form.dataset.most) {
      this.#refuse(error, form.dataset.large); // told at once, and not after minutes on a thin line
      return;
    }
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const headers = { Accept: "application/json", "X-Part": "lines" }; // a refusal comes as JSON, new lines as HTML
      const response = await fetch(form.action, { method: "POST", body, headers });
      if (response.ok) {
        form.reset();
        this.#show(await response.text());
      } else {
        this.#refuse(error, (await this.#sentence(response)) ?? form.dataset.failed);
      }
    } catch {
      this.#refuse(error, form.dataset.failed); // no line: what was typed stays to be sent again
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }

  #refuse(error, sentence) {
    error.textContent = sentence;
    error.scrollIntoView({ block: "nearest" }); // it stands below the button
  }

  async #sentence(response) {
    const json = response.headers.get("Content-Type")?.startsWith("application/json");
    return json ? (await response.json()).sentence : null;
  }

  #toEnd() {
    const log = this.#list.parentElement;
    log.scrollTop = log.scrollHeight;
  }
}

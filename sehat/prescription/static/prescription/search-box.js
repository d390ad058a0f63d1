// A text box over a list on the server: the ARIA combobox with a listbox. What is chosen goes into a hidden field, or becomes a
// chip where many may be chosen. Enter takes the first hit, arrows choose another, Escape closes.

const PAUSE = 120; // ms after the last letter

export class SearchBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("[role=combobox]");
    this.list = this.querySelector("[role=listbox]");
    this.status = this.querySelector("[role=status]");
    this.hidden_ = this.dataset.many ? null : this.querySelector("input[type=hidden]");
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    // Not while Enter waits for the first hit: a doctor who types on with Tab still gets it.
    this.input.addEventListener("blur", () => this.takeFirst || this.close());
    // The box keeps the focus while an option is clicked: leaving it closes the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.addEventListener("click", (event) => this.removeChip(event.target.closest("[data-remove-chip]")));
    // Somebody typed before this script was there.
    if (document.activeElement === this.input && this.input.value && !this.hidden_?.value) this.typed();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  typed() {
    if (this.hidden_) this.hidden_.value = "";
    this.input.removeAttribute("aria-invalid");
    this.takeFirst = false;
    this.status.className = "visually-hidden";
    const words = this.input.value.trim();
    if (words.replace(/\s/g, "").length < Number(this.dataset.least)) return this.close();
    clearTimeout(this.timer);
    this.asking?.abort();
    this.pending = true;
    this.timer = setTimeout(() => this.ask(words), PAUSE);
  }

  async ask(words) {
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.dataset.url}?q=${encodeURIComponent(words)}`, { signal: this.asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.text());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.close();
    }
  }

  show(options) {
    this.pending = false;
    // Made by our own templates, which escape every word.
    this.list.innerHTML = options;
    const found = this.options.length;
    const why = this.list.querySelector("[data-why]")?.dataset.why; // why nothing may be found
    this.status.textContent = found ? `${this.dataset.count} ${found}` : (why ?? this.dataset.none);
    if (this.takeFirst && found) return this.choose(this.options[0]);
    // A doctor's own words, which the list does not know.
    if (this.takeFirst && this.dataset.many) return this.addChip(this.input.value.trim());
    this.list.hidden = !found;
    this.status.className = found ? "visually-hidden" : "hint";
    this.input.setAttribute("aria-expanded", String(Boolean(found)));
    this.mark(null);
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.pending = false;
    this.list.hidden = true;
    this.list.replaceChildren(); // two boxes over one list would hold options of the same id
    this.input.setAttribute("aria-expanded", "false");
    this.mark(null);
  }

  mark(option) {
    for (const other of this.options) other.setAttribute("aria-selected", String(other === option));
    this.active = option;
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  pressed(event) {
    const options = this.options;
    const open = !this.list.hidden;
    const at = options.indexOf(this.active);
    if (event.key === "ArrowDown" && open) this.mark(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp" && open) this.mark(options[(at - 1 + options.length) % options.length]);
    else if (event.key === "Escape" && (open || this.pending)) this.close();
    else if (event.key === "Enter" && open) this.choose(this.active ?? options[0]);
    // The hits are on their way: take the first when it comes.
    else if (event.key === "Enter" && this.pending) this.takeFirst = true;
    // A line whose medicine is chosen is added by Enter like from any of its boxes.
    else if (event.key === "Enter" && this.hidden_?.value) return;
    else if (event.key === "Enter" && this.dataset.many && this.input.value.trim()) this.addChip(this.input.value.trim());
    else if (event.key !== "Enter") return;
    event.preventDefault();
  }

  choose(option) {
    if (!option) return;
    const { value, label } = option.dataset;
    if (this.dataset.many) {
      this.addChip(label, value);
    } else {
      this.input.value = label;
      this.hidden_.value = value;
    }
    this.input.removeAttribute("aria-invalid");
    this.close();
    this.dispatchEvent(new CustomEvent("search-box:chosen", { bubbles: true, detail: { ...option.dataset } }));
    this.told();
  }

  addChip(label, value = label) {
    const chips = this.querySelector(".chips");
    this.input.value = "";
    this.close();
    if ([...chips.querySelectorAll("input")].some((chosen) => chosen.value === value)) return;
    const chip = document.createElement("li");
    chip.className = "badge";
    const text = document.createElement("span");
    text.textContent = label;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: this.dataset.many, value });
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "×" });
    remove.dataset.removeChip = "";
    remove.setAttribute("aria-label", `${this.dataset.remove} ${label}`);
    chip.append(text, field, remove);
    chips.append(chip);
    this.told();
  }

  removeChip(button) {
    if (!button) return;
    button.closest("li").remove();
    this.input.focus();
    this.told();
  }

  told() {
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

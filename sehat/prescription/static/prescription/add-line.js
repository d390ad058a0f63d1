// A box that adds what is typed or chosen in it to a longer text, as a line of its own: Enter, or leaving the box.

export class AddLine extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    box.addEventListener("keydown", (event) => event.key === "Enter" && this.add(box));
    box.addEventListener("change", () => this.add(box));
  }

  add(box) {
    const words = box.value.trim();
    if (!words) return;
    const text = document.getElementById(this.dataset.to);
    const lines = text.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(words)) text.value = [...lines, words].join("\n");
    box.value = "";
    text.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

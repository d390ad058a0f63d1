// What every page does: a button that was pressed cannot be pressed twice, a lost line is said, an error is shown first,
// nothing typed is cut.

const BUSY_MS = 20_000;
const line = document.getElementById("line");

// Buttons of a form that is on its way: disabled after the browser has taken the form's data, given back if no answer comes.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-again")) return;
  if (!navigator.onLine) {
    // The browser would leave the page for nothing, and what was typed with it.
    event.preventDefault();
    return say("line-gone");
  }
  setTimeout(() => rest(form), 0);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  // Only what a person pressed: a form that saves itself while being filled keeps its buttons.
  const how = event.detail.requestConfig.triggeringEvent?.type;
  if (how === "submit" || how === "click") rest(event.detail.elt);
});
document.addEventListener("htmx:afterRequest", (event) => wake(event.detail.elt));
// Coming back with the browser's Back button shows the page as it was left.
window.addEventListener("pageshow", (event) => event.persisted && wake(document));

function rest(where) {
  for (const button of buttons(where)) {
    if (button.disabled) continue;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    setTimeout(() => wake(button), BUSY_MS);
  }
}

function wake(where) {
  for (const button of buttons(where)) {
    if (!button.hasAttribute("aria-busy")) continue;
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

function buttons(where) {
  return where.matches?.("button") ? [where] : where.querySelectorAll("button:not([type=button])");
}

// What arrives takes the focus from whoever waited for it, not from a person who writes elsewhere by then: the next letter
// would land in another box. htmx itself looks at nobody.
let wanting = null;
document.addEventListener("htmx:afterSwap", ({ target }) => {
  const all = [...target.querySelectorAll("[autofocus]")];
  if (target.matches("[autofocus]")) all.unshift(target);
  all.forEach((one) => one.removeAttribute("autofocus"));
  wanting = all[0] ?? null;
});
// Before the listeners of single pages, which may know better.
document.addEventListener("htmx:afterSettle", focusNext, true);

function focusNext({ target }) {
  const here = document.activeElement;
  if (!here.matches("input, select, textarea") || target.contains(here)) wanting?.focus();
  wanting = null;
}

// The line: said when it goes, unsaid with the first answer.
const say = (template) => {
  line.textContent = template ? document.getElementById(template).content.textContent : "";
};
const told = (detail) => detail.xhr.getResponseHeader("X-Sentence");
// What the portal itself says while something is away has a sentence to show, in the piece's place or beside it; what a
// proxy says in its stead has not.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (told(detail) === "1") [detail.shouldSwap, detail.isError] = [true, false];
});
document.addEventListener("htmx:sendError", () => say("line-gone"));
document.addEventListener("htmx:timeout", () => say("line-gone"));
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (told(detail) !== "beside") return say("line-failed");
  line.textContent = new DOMParser().parseFromString(detail.xhr.responseText, "text/html").body.textContent.trim();
});
document.addEventListener("htmx:afterOnLoad", ({ detail }) => detail.failed || say(null));
window.addEventListener("offline", () => say("line-gone"));
window.addEventListener("online", () => say(null));

// A browser cuts what is pasted at `maxlength` without a word. The server says how much too long it is, and loses nothing.
const uncut = (within) => within.querySelectorAll("[maxlength]").forEach((one) => one.removeAttribute("maxlength"));
uncut(document);
document.addEventListener("htmx:load", ({ target }) => uncut(target));

// A field that was changed after it was refused is no longer called wrong; the server will say.
document.addEventListener("change", ({ target }) => {
  const field = target.closest(".field.wrong");
  if (!field) return;
  field.classList.remove("wrong");
  // Its room stays: a button below must not move away under the finger that is pressing it.
  field.querySelectorAll("p.error").forEach((error) => (error.style.visibility = "hidden"));
  field.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
});

// A photo that is larger than the portal takes is made smaller first; the form waits for it.
const MOST_BYTES = 5 * 1024 * 1024; // tokens/records.py
document.addEventListener("change", async ({ target }) => {
  if (target.type !== "file") return;
  if (!Array.from(target.files).some((file) => file.size > MOST_BYTES && file.type.startsWith("image/"))) return;
  rest(target.form);
  const { shrink } = await import("./shrink.js");
  await shrink(target, MOST_BYTES);
  wake(target.form);
});

// The portal as an app on a telephone; later than all that the page itself needs.
addEventListener("load", () => navigator.serviceWorker?.register("/sw.js").catch((error) => console.info(error.message)));

// After a form came back with errors, the first wrong field has the focus.
document.querySelector("main [aria-invalid='true'], main .wrong input")?.focus();

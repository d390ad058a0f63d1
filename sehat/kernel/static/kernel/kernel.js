// What every page does: a button that was pressed cannot be pressed twice, a lost line is said, an error is shown first.

const BUSY_MS = 20_000;
const line = document.getElementById("line");

// Buttons of a form that is on its way: disabled after the browser has taken the form's data, given back if no answer comes.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-again")) return;
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

// The line: said when it goes, unsaid with the first answer.
const say = (template) => {
  line.textContent = template ? document.getElementById(template).content.textContent : "";
};
document.addEventListener("htmx:sendError", () => say("line-gone"));
document.addEventListener("htmx:timeout", () => say("line-gone"));
document.addEventListener("htmx:responseError", () => say("line-failed"));
document.addEventListener("htmx:afterOnLoad", () => say(null));
window.addEventListener("offline", () => say("line-gone"));
window.addEventListener("online", () => say(null));

// After a form came back with errors, the first wrong field has the focus.
document.querySelector("main [aria-invalid='true'], main .wrong input")?.focus();

// The language switch loads the page anew: what was typed, ticked and chosen goes along, files too. It lies in this
// browser for that one step only: put away as the switch is pressed, taken out by the page that follows.

const KEPT = "kept-for-the-next-page";
const LATE_MS = 10_000; // pieces of the page that htmx brings come a little later

const language = document.querySelector("form.language");
let put = false;

language?.addEventListener("submit", async (event) => {
  if (put) return;
  // A refused form came back filled in: nothing in it differs from what the server wrote, and all of it was typed.
  const refused = document.querySelector("main [aria-invalid='true']");
  const typed = controls(document).filter((control) => refused || touched(control));
  if (!typed.length) return;
  event.preventDefault();
  sessionStorage.setItem(KEPT, JSON.stringify(typed.map((control) => [place(control), value(control)])));
  const files = typed.filter((control) => control.files?.length).map((control) => [place(control), [...control.files]]);
  if (files.length) await drawer((store) => store.put(files, KEPT)).catch(told);
  put = true;
  language.requestSubmit(event.submitter);
});

const text = sessionStorage.getItem(KEPT);
if (text) {
  sessionStorage.removeItem(KEPT);
  const kept = new Map(JSON.parse(text));
  const files = new Map((await drawer((store) => takeOut(store)).catch(told)) ?? []);
  const restore = (within) => controls(within).forEach((control) => putBack(control, kept, files));
  // The page's other scripts listen by now.
  if (document.readyState === "complete") restore(document);
  else addEventListener("load", () => restore(document));
  const piece = ({ target }) => restore(target);
  document.addEventListener("htmx:load", piece);
  setTimeout(() => document.removeEventListener("htmx:load", piece), LATE_MS);
}

/** What people fill in: no passwords, nothing hidden. */
function controls(within) {
  const all = within.querySelectorAll("form[method=post] :is(input, select, textarea)[name]");
  return [...all].filter(
    (control) => control.form !== language && !control.disabled && !["hidden", "password", "submit"].includes(control.type),
  );
}

function ticks(control) {
  return control.type === "checkbox" || control.type === "radio";
}

/** Where a control stands: the same in every language. */
function place(control) {
  const form = control.form.getAttribute("id") ?? control.form.getAttribute("action");
  return JSON.stringify([form, control.name, ticks(control) ? control.value : ""]);
}

function touched(control) {
  if (ticks(control)) return control.checked !== control.defaultChecked;
  if (control.files) return control.files.length > 0;
  if (control.options) {
    const chosen = [...control.options].findIndex((option) => option.defaultSelected);
    return control.selectedIndex !== Math.max(chosen, 0);
  }
  return control.value !== control.defaultValue;
}

function value(control) {
  if (control.files) return "";
  return ticks(control) ? control.checked : control.value;
}

function putBack(control, kept, files) {
  const where = place(control);
  if (!kept.has(where)) return;
  const before = kept.get(where);
  kept.delete(where);
  if (control.files) {
    const basket = new DataTransfer();
    for (const file of files.get(where) ?? []) basket.items.add(file);
    control.files = basket.files;
  } else if (ticks(control)) control.checked = before;
  else {
    // A list that another field fills may not have it yet.
    if (control.options && ![...control.options].some((option) => option.value === before))
      control.add(new Option(before, before));
    control.value = before;
  }
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function takeOut(store) {
  const found = store.get(KEPT);
  store.clear();
  return found;
}

/** Files do not fit into sessionStorage. */
function drawer(act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(KEPT, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const doing = opening.result.transaction("files", "readwrite");
      const asked = act(doing.objectStore("files"));
      doing.oncomplete = () => {
        opening.result.close();
        resolve(asked.result);
      };
      doing.onabort = () => reject(doing.error);
    };
  });
}

/** Some private windows keep nothing: then the text goes along, and only the files have to be chosen again. */
function told(error) {
  console.info("files were not kept:", error?.message);
}

// The doctor's form: its search boxes and its draft. Custom elements, so that a part that htmx fetches anew wakes by itself.
import { AddLine } from "./add-line.js";
import { SearchBox } from "./search-box.js";
import { PrescriptionForm } from "./draft.js";

if (!customElements.get("search-box")) {
  customElements.define("add-line", AddLine);
  customElements.define("search-box", SearchBox);
  customElements.define("prescription-form", PrescriptionForm);
}

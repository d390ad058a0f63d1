// Sends a form with files and shows how far it is. A refused form keeps its files and its text: only what is
// wrong is put beside the fields.

export function sendWithProgress({ form, wrong, unsent, sending, bar }) {
  const button = form.querySelector("button:not([type=button])");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "1");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = total ? loaded / total : 0;
    });
    request.addEventListener("load", () => {
      if (request.status === 201) {
        location.assign(JSON.parse(request.responseText).next);
        return;
      }
      rest(false);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const answer = page.getElementById(form.id);
      if (answer) showWrong(answer);
      else unsent.hidden = false;
    });
    for (const kind of ["error", "abort", "timeout"]) {
      request.addEventListener(kind, () => {
        rest(false);
        unsent.hidden = false;
      });
    }
    unsent.hidden = true;
    request.send(new FormData(form));
    rest(true);
  });

  function rest(busy) {
    button.disabled = busy;
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    const files = [...form.elements].some(({ files }) => files?.length);
    sending.hidden = !(busy && files);
    bar.value = 0;
  }

  // The answer is the whole page: its errors are taken over, control by control.
  function showWrong(answer) {
    wrong.replaceChildren(...answer.querySelector(`#${wrong.id}`).childNodes);
    for (const told of answer.querySelectorAll(".field")) {
      const theirs = [...told.querySelectorAll(":is(input, select, textarea)[id]")];
      const field = document.getElementById(theirs[0]?.id)?.closest(".field");
      if (!field) continue;
      field.classList.toggle("wrong", told.classList.contains("wrong"));
      field.querySelector("p.error")?.remove();
      const error = told.querySelector("p.error");
      if (error) field.append(error);
      for (const control of theirs) {
        const mine = document.getElementById(control.id);
        for (const name of ["aria-invalid", "aria-describedby"]) {
          if (control.hasAttribute(name)) mine?.setAttribute(name, control.getAttribute(name));
          else mine?.removeAttribute(name);
        }
      }
    }
    const first = form.querySelector("[aria-invalid='true']") ?? wrong;
    first.focus();
    first.scrollIntoView({ block: "center" });
  }
}

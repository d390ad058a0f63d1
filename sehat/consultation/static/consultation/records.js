// A health record opens beside the video, so that doctor and patient go on seeing each other. Without this script its
// link opens a page of its own.

const view = document.getElementById("record-view");
const place = view.querySelector(".record");
let opener = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-record]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  opener = link;
  const name = link.querySelector("span:not(.paper)").textContent;
  view.querySelector("h2").textContent = name;
  const shown = document.createElement(link.dataset.record === "pdf" ? "iframe" : "img");
  shown.src = link.href;
  if (shown.tagName === "IMG") shown.alt = name;
  else shown.title = name;
  place.replaceChildren(shown);
  if (!view.open) view.show();
  view.querySelector("button").focus();
});

function close() {
  view.close();
  place.replaceChildren();
  opener?.focus();
}

view.querySelector("button").addEventListener("click", close);
view.addEventListener("keydown", (event) => event.key === "Escape" && close());

// Print: the signed sheet itself, from a frame that nobody sees, where the browser can show a PDF; else its link opens it.

const link = document.querySelector("[data-print]");

link?.addEventListener("click", (event) => {
  if (!navigator.pdfViewerEnabled) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = link.textContent;
  frame.src = link.href;
  frame.addEventListener("load", () => frame.contentWindow.print());
  document.body.append(frame);
});

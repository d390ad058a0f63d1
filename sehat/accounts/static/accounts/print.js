// Prints the page that one is on; without scripts the browser's own menu does.
const button = document.querySelector("[data-print-page]");
button.hidden = false;
button.addEventListener("click", () => window.print());

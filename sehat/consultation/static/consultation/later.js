// A picture that did not come, as the store of files is away: a word in its place, until it comes by itself.

const AGAIN_MS = 10_000;
const PICTURES = "#records img, #record-view img";
const word = document.getElementById("picture-later").content;

// Neither event bubbles.
document.addEventListener("error", ({ target }) => target.matches?.(PICTURES) && missing(target), true);
document.addEventListener("load", ({ target }) => target.matches?.(PICTURES) && there(target), true);
// And some may have failed before this script was here.
for (const one of document.querySelectorAll(PICTURES)) if (one.complete && !one.naturalWidth) missing(one);

function missing(picture) {
  if (!picture.hidden) picture.after(word.cloneNode(true));
  picture.hidden = true;
  setTimeout(() => {
    if (!picture.isConnected) return;
    picture.loading = "eager"; // a lazy one that is hidden would never be asked for
    picture.src = picture.src;
  }, AGAIN_MS);
}

function there(picture) {
  if (!picture.hidden) return;
  picture.hidden = false;
  picture.nextElementSibling.remove();
}

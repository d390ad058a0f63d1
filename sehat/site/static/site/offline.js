// Shown in the place of a page that did not come: goes there as soon as the portal answers again.

const ASK_MS = 5_000;

async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

// Opened by its own address there is no page to go to.
if (location.pathname !== "/offline/") {
  setInterval(look, ASK_MS);
  addEventListener("online", look);
}

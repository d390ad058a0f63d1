// Shown in the place of a page whose database is away: goes there as soon as the portal is ready again.

const ASK_MS = 5_000;

setInterval(async () => {
  const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}, ASK_MS);

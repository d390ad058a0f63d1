// The waiting page: hears its token over the socket, asks by itself where the socket is refused, and calls out when called.
import { live } from "../live/live.js";
import { Alarm } from "../live/alarm.js";
import { Clock } from "../live/clock.js";

const alarm = new Alarm(document.getElementById("words").dataset);
const clock = new Clock();
const refresh = () => htmx.trigger(document.body, "refresh");

// After every swap the page is what the server said; the clock and the alarm follow it.
function follow() {
  const face = document.getElementById("clock");
  clock.show(face, refresh);
  face?.hasAttribute("data-called") ? alarm.start() : alarm.stop();
}

function tellPlace({ place, ahead }) {
  const shown = document.getElementById("place");
  if (!shown) return refresh();
  shown.textContent = place;
  document.getElementById("ahead").textContent = ahead;
}

live("/live/waiting/", {
  onMessage: (message) => (message.kind === "place" ? tellPlace(message) : refresh()),
  ask: refresh,
});

document.addEventListener("htmx:afterSettle", follow);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
alarm.offer(document.getElementById("notify"));
follow();

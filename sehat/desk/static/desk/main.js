// The desk: hears its doctor and the OPD's line, rings until the call is answered or gone.
import { live } from "../live/live.js";
import { Alarm } from "../live/alarm.js";
import { Clock } from "../live/clock.js";

const GATHER_MS = 400;
const alarm = new Alarm(document.getElementById("words").dataset);
const clock = new Clock();
let gathered = null;

const refresh = () => htmx.trigger(document.body, "refresh");

// The line may move many times a second; the desk looks once for all of them.
function soon() {
  gathered ??= setTimeout(() => {
    gathered = null;
    refresh();
  }, GATHER_MS);
}

function follow() {
  const face = document.getElementById("clock");
  clock.show(face, refresh);
  document.querySelector("[data-called], [data-rings]") ? alarm.start() : alarm.stop();
}

live("/live/desk/", { onMessage: ({ kind }) => (kind === "line" ? soon() : refresh()), ask: refresh });
document.addEventListener("htmx:afterSettle", follow);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
alarm.offer(document.getElementById("notify"));
follow();

/** The consultation page: ties camera, line, socket, evidence, chat and view together. */

import { Chat } from "./chat.js";
import { Evidence } from "./evidence.js";
import { Media } from "./media.js";
import { Room } from "./room.js";
import { Signal } from "./signal.js";
import { View } from "./view.js";

const REPORT = 10; // s between two reports of evidence
const KINDS = ["audio", "video"];
const BOTH = ["patient", "doctor"];
const ASK = 5; // s between two questions to the server while no live message can come

const page = document.getElementById("consultation").dataset;
const iceServers = JSON.parse(document.getElementById("ice-servers").textContent);
// This page's own name: the later of two windows of one side has the greater one.
const self = `${page.born}-${Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36)).join("")}`;
const KEPT = `evidence ${page.side} ${page.ref}`;

const view = new View({ onToggle, onLeave, onRetry, onHere: () => location.reload() });
const chat = new Chat(document.getElementById("chat"), {
  onNews: () => view.news(),
  onFile: () => document.body.dispatchEvent(new Event("file")), // a doctor's page shows it among the records
});
const media = new Media(onDevice);
const evidence = new Evidence(evidenceSoFar());
const signal = new Signal(page.socket, { onMessage, onLine });

let ticks = 0;
let invited = false; // a third person is in the call, as far as the server has said
let over = false;
let hearing = false; // live messages come: the socket stands, and the server behind it hears the others

const room = new Room({
  side: page.side,
  iceServers,
  tracks: media.tracks,
  evidence,
  say,
  forget: (other) => signal.forget(other),
  view,
});

/* The socket */

function say(message) {
  signal.send({ kind: "signal", from: self, ...message });
}

function onLine(up) {
  hearing = up;
  if (over) return;
  if (up) {
    signal.send({ kind: "here", page: self });
    ask();
  } else if (room.first?.state !== "connected") {
    view.line("theirs", room.first ? "lost" : "connecting");
  }
}

addEventListener("online", () => room.moved());

async function onMessage(message) {
  if (message.kind === "deaf" || message.kind === "hearing") hearing = message.kind === "hearing";
  if (message.kind === "chat" || message.kind === "file") await ask(message.id);
  if (["changed", "hearing", "dismissed"].includes(message.kind)) await ask();
  if (over) return;
  if (message.side === page.side) {
    otherWindow(message.page);
  } else if (message.kind === "here") {
    say({ hello: true }); // before all else: the other page takes nothing from one it has not met
    room.meet(message.side, message.page);
  } else if (message.kind === "gone") {
    room.gone(message.page);
  } else if (message.kind === "signal") {
    if (message.hello) room.meet(message.side, message.from);
    else if (message.bye || message.to === self) await room.hear(message);
  }
}

/** Another window of this side: the later one takes over, and tells an older one that comes back. */
function otherWindow(name) {
  if (name > self) stop("elsewhere");
  else if (name < self) signal.send({ kind: "here", page: self });
}

/* Own camera and microphone */

async function onDevice(kind, track) {
  view.own(kind, { wanted: media.wanted[kind], track, problem: media.problems[kind] });
  if (over) return;
  room.tell();
  await room.put(kind);
}

/** One card for what is not there: how to allow it, and that it goes on without. */
function showProblem() {
  const { audio, video } = media.problems;
  const missing = audio && video ? "both" : audio ? "microphone" : video ? "camera" : null;
  if (!over) view.card(missing && `${missing}-${audio ?? video}`);
}

/** Start both; while the browser asks the person, the page says what to choose. */
async function startDevices() {
  const asking = setTimeout(() => {
    view.card("asking");
    room.settle();
  }, 800);
  await media.start();
  clearTimeout(asking);
  room.settle();
  showProblem();
}

async function onToggle(kind, on) {
  await media.turn(kind, on);
  if (on) showProblem();
}

async function onRetry() {
  view.card(null);
  for (const kind of KINDS) if (media.problems[kind]) await media.turn(kind, true);
  showProblem();
}

/* Where the consultation stands */

/** What was written, and how it stands; where there is no line, it is asked again later. */
async function ask(line) {
  try {
    await Promise.all([chat.refresh(line), line === undefined && refreshState()]);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // what fetch() throws without a line
  }
}

async function refreshState() {
  const response = await fetch(page.state);
  if (response.ok) follow(view.state(await response.text()));
  else if (response.status === 404 && page.after && !over) {
    stop(null); // an invited doctor has left, or was sent out
    location.assign(page.after);
  }
}

function follow({ call, go, third }) {
  if (go) location.assign(go);
  else if (call === "ended") stop(null);
  if (invited && !third) room.only(BOTH);
  invited = Boolean(third);
}

document.getElementById("state").addEventListener("submit", async (event) => {
  const form = event.target;
  if ("plain" in form.dataset) return; // leads away
  event.preventDefault();
  const body = new FormData(form, event.submitter); // before the buttons are locked: a locked one is not sent
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  const response = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "state" } });
  if (response.ok || response.status === 422) follow(view.state(await response.text()));
  else location.reload(); // refused: it moved on meanwhile, the page shows how it stands now
});

/** The call is over for this page; writing goes on unless another window took it over. */
function stop(card) {
  if (over) return;
  over = true;
  report();
  if (card) say({ bye: true });
  room.close();
  media.stop();
  view.line("theirs", "ended");
  view.ended(card);
  if (card) {
    signal.close();
    view.card(card);
  }
}

function onLeave() {
  stop("left");
}

/* Evidence of how much of a meeting it was */

/** What the server knows, or this tab, which may know of more: its last report can be under way. */
function evidenceSoFar() {
  const known = JSON.parse(page.evidence);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  return Object.fromEntries(Object.entries(known).map(([name, value]) => [name, Math.max(value, kept[name] ?? 0)]));
}

async function tick() {
  ticks += 1;
  if (!hearing && ticks % ASK === 0) ask();
  if (over) return;
  await room.look();
  sessionStorage.setItem(KEPT, JSON.stringify(evidence.totals));
  if (ticks % REPORT === 0) report();
}

function report() {
  if (!page.report) return; // an invited doctor's line does not count
  const sent = { method: "POST", body: new URLSearchParams(evidence.totals), headers: { "X-CSRFToken": page.csrf } };
  fetch(page.report, { ...sent, keepalive: true }).catch(() => undefined); // the next report says it again
}

setInterval(tick, 1_000);
addEventListener("pagehide", () => {
  if (over) return;
  report();
  say({ bye: true });
});
addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // a page kept by the browser has no live line

follow(view.state(null));
if (!over) startDevices();

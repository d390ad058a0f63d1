/** The consultation page: ties camera, line, socket, evidence, chat and view together. */

import { Chat } from "./chat.js";
import { Evidence, read } from "./evidence.js";
import { Ladder, SHAPES, STEPS, isPicture, sample } from "./ladder.js";
import { Media } from "./media.js";
import { Negotiation } from "./negotiation.js";
import { Signal } from "./signal.js";
import { View } from "./view.js";

const REPORT = 10; // s between two reports of evidence
const ASK = 5; // s between two questions to the server while no live message can come
const SILENCE = 2; // s without picture and sound, before the browser calls a line lost

const page = document.getElementById("consultation").dataset;
const iceServers = JSON.parse(document.getElementById("ice-servers").textContent);
// This page's own name: the later of two windows of one side has the greater one.
const self = `${page.born}-${Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36)).join("")}`;
const KINDS = ["audio", "video"];
const KEPT = `evidence ${page.side} ${page.ref}`;

const view = new View({ onToggle, onLeave, onRetry, onHere: () => location.reload() });
const chat = new Chat(document.getElementById("chat"), () => view.news());
const media = new Media(onDevice);
const evidence = new Evidence(evidenceSoFar());
const signal = new Signal(page.socket, { onMessage, onLine });

// The other side's page as it stands now: the line to it and what that carries, whether its socket is gone, what it
// has to send and how much of it fits through (see ladder.js).
let peer = null;
let stood = false; // pictures or sound have come through on this line
let ticks = 0;
let over = false;
let settled = false; // it is known which devices there are, or it takes long to know
let hearing = false; // live messages come: the socket stands, and the server behind it hears the others

/* The other side */

/** The other side is here. A page not met before needs a new line; a known one may have missed something. */
function meet(other) {
  if (peer?.page === other) {
    peer.gone = false;
    peer.line.mend();
  } else {
    peer?.line.close();
    signal.forget();
    stood = false;
    evidence.begin();
    view.clear();
    const line = new Negotiation({
      polite: page.side === "patient",
      iceServers,
      send: (message) => say({ to: other, ...message }),
      onTrack: (track) => view.show(track),
      onState: (state) => peer?.line === line && onState(state),
    });
    peer = { page: other, line, ladder: new Ladder(), gone: false, devices: null, step: "video", silence: 0 };
    for (const kind of KINDS) put(kind);
    shape(peer);
    view.line("connecting");
  }
  tellDevices();
}

function onState(state) {
  if (state === "connected") {
    stood = true;
    peer.ladder.renew();
    shape(peer);
    showLine();
  } else if (state === "disconnected" || state === "failed") {
    lost();
  }
}

function lost() {
  if (stood) evidence.dropped();
  stood = false;
  view.line(peer.gone ? "gone" : "lost");
}

/** The other side's page was left or is loading anew: its line will not come back, a new one will. */
function bye() {
  peer.line.close();
  peer = null;
  view.clear();
  view.line("gone");
}

/* How much the line carries */

function shape({ line, ladder }) {
  for (const kind of KINDS) line.shape(kind, SHAPES[ladder.step][kind]);
}

/** What the line to that page does to what this side sends. With the camera off it takes no picture from anybody. */
function toldStep({ ladder }) {
  return media.tracks.video || ladder.said === "chat" ? ladder.said : "video";
}

/** Both sides read the same: the weaker direction is how the line is. */
function showLine() {
  if (!stood) return;
  const own = toldStep(peer);
  const weaker = STEPS.find((step) => step === own || step === peer.step);
  const sent = [...Object.values(peer.devices ?? { unknown: true }), ...Object.values(media.tracks)];
  if (settled && !sent.some(Boolean)) view.line("writing");
  else view.line(weaker === "video" ? "connected" : `weak-${weaker}`);
  view.paused(!isPicture(own));
}

/* The socket */

const say = (message) => signal.send({ kind: "signal", from: self, ...message });

function onLine(up) {
  hearing = up;
  if (over) return;
  if (up) {
    signal.send({ kind: "here", page: self });
    ask();
  } else if (peer?.line.state !== "connected") {
    view.line(peer ? "lost" : "connecting");
  }
}

async function onMessage(message) {
  if (message.kind === "deaf" || message.kind === "hearing") hearing = message.kind === "hearing";
  if (message.kind === "chat" || message.kind === "file") await ask(message.id);
  if (message.kind === "changed" || message.kind === "hearing") await ask();
  if (over) return;
  if (message.side === page.side) {
    otherWindow(message.page);
  } else if (message.kind === "here") {
    say({ hello: true }); // before all else: the other page takes nothing from one it has not met
    meet(message.page);
  } else if (message.kind === "gone" && message.page === peer?.page) {
    peer.gone = true; // its line may well outlive its socket
    if (peer.line.state !== "connected") view.line("gone");
  } else if (message.kind === "signal") {
    if (message.hello) meet(message.from);
    else if (message.from !== peer?.page) return;
    else if (message.bye) bye();
    else if (message.devices) theirDevices(message);
    else if (message.to === self) await peer.line.receive(message);
  }
}

/** Another window of this side: the later one takes over, and tells an older one that comes back. */
function otherWindow(name) {
  if (name > self) stop("elsewhere");
  else if (name < self) signal.send({ kind: "here", page: self });
}

/* Own camera and microphone */

function put(kind) {
  if (!over) return peer?.line.put(kind, media.tracks[kind]);
}

async function onDevice(kind, track) {
  view.own(kind, { wanted: media.wanted[kind], track, problem: media.problems[kind] });
  tellDevices();
  await put(kind);
}

function tellDevices() {
  if (!peer || !settled) return;
  const devices = { audio: media.tracks.audio !== null, video: media.tracks.video !== null };
  say({ devices, step: toldStep(peer) });
  showLine();
}

function theirDevices({ devices, step }) {
  peer.devices = devices;
  peer.step = STEPS.includes(step) ? step : "video";
  view.theirs(devices, !isPicture(peer.step));
  showLine();
}

/** One card for what is not there: how to allow it, and that it goes on without. */
function showProblem() {
  const { audio, video } = media.problems;
  const missing = audio && video ? "both" : audio ? "microphone" : video ? "camera" : null;
  if (!over) view.card(missing && `${missing}-${audio ?? video}`);
}

/** Start both; while the browser asks the person, the page says what to choose. */
async function startDevices() {
  const settle = () => {
    settled = true;
    tellDevices();
  };
  const asking = setTimeout(() => {
    view.card("asking");
    settle();
  }, 800);
  await media.start();
  clearTimeout(asking);
  settle();
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
}

function follow({ call, go }) {
  if (go) location.assign(go);
  else if (call === "ended") stop(null);
}

document.getElementById("state").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  const body = new FormData(form, event.submitter);
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
  peer?.line.close();
  media.stop();
  view.clear();
  view.line("ended");
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
  if (peer?.line.state === "connected") await look(peer);
  sessionStorage.setItem(KEPT, JSON.stringify(evidence.totals));
  if (ticks % REPORT === 0) report();
}

/** Count what came through; a line that stands but brings nothing is mended before the browser notices. */
async function look(met) {
  const stats = await met.line.stats();
  if (over || met !== peer) return;
  const shown = isPicture(met.ladder.said) && isPicture(met.step);
  if (evidence.count(read(stats), performance.now() / 1_000, shown) || !expects(met)) {
    met.silence = 0;
    if (!stood) onState(met.line.state);
    climb(met, sample(stats));
  } else if (++met.silence === SILENCE) {
    lost();
    met.line.mend(true);
  }
}

/** Whether the other side sends anything at all, as far as it said. */
function expects({ devices, step }) {
  return (devices?.audio && step !== "chat") || (devices?.video && isPicture(step));
}

function climb(met, seen) {
  const before = met.ladder.said;
  if (!met.ladder.look(seen)) return;
  shape(met);
  if (met.ladder.said !== before) tellDevices();
}

function report() {
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

/** The check page: camera, microphone, speaker, line and relay, each with one clear sentence. */

import { Media } from "./media.js";
import { play } from "./sound.js";

const HEARD = 0.02; // of full scale: above a quiet room's noise
const SLOW = 400; // ms of a round trip
const PINGS = 5;
const PATIENCE = 10_000; // ms for a line or a relay to answer

const element = (id) => document.getElementById(id);
const page = element("check").dataset;
const iceServers = JSON.parse(element("ice-servers").textContent);
const media = new Media(onDevice);

/** Show one of the sentences that the page holds for this place. */
function tell(id, sentence) {
  element(id).textContent = element(id).dataset[sentence];
}

/* Camera and microphone */

function onDevice(kind, track) {
  if (!track) return;
  if (kind === "audio") return listen(track);
  element("own").srcObject = new MediaStream([track]);
  element("own").classList.remove("dark");
  tell("camera", "ok");
}

function listen(track) {
  const context = new AudioContext();
  const meter = new AnalyserNode(context, { fftSize: 1024 });
  const wave = new Float32Array(meter.fftSize);
  context.createMediaStreamSource(new MediaStream([track])).connect(meter);
  tell("microphone", "silent");
  let heard = false;
  const look = () => {
    meter.getFloatTimeDomainData(wave);
    const loud = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
    element("level").value = Math.min(1, loud * 5); // speech at a phone is about a fifth of full scale
    if (!heard && loud > HEARD) {
      heard = true;
      tell("microphone", "heard");
    }
    if (track.readyState === "live") setTimeout(look, 100);
    else context.close();
  };
  look();
}

function card(word) {
  const words = element("words").content;
  element("card").hidden = !word;
  element("card").replaceChildren(...(word ? [words.querySelector(`[data-word="${word}"]`).cloneNode(true)] : []));
}

async function tryDevices() {
  const asking = setTimeout(() => card("asking"), 800);
  await media.start();
  clearTimeout(asking);
  const { audio, video } = media.problems;
  const missing = audio && video ? "both" : audio ? "microphone" : video ? "camera" : null;
  card(missing && `${missing}-${audio ?? video}`);
  for (const [id, problem] of [["camera", video], ["microphone", audio]])
    if (problem) element(id).textContent = element("card").querySelector("h2").textContent;
}

/* Line and relay */

/** @returns {Promise<number>} ms of the quickest of some round trips to the portal, over the live socket */
function roundTrip() {
  return new Promise((resolve, reject) => {
    const url = new URL(page.socket, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const timer = setTimeout(() => socket.close(), PATIENCE);
    const trips = [];
    const ping = () => socket.send(JSON.stringify({ kind: "echo", at: performance.now() }));
    socket.onopen = ping;
    socket.onmessage = ({ data }) => {
      trips.push(performance.now() - JSON.parse(data).at);
      if (trips.length < PINGS) return ping();
      socket.close();
    };
    socket.onclose = () => {
      clearTimeout(timer);
      if (trips.length) resolve(Math.min(...trips));
      else reject(new Error("the socket gave no answer"));
    };
  });
}

/** Two ends in this page that may speak only through the relay: resolves when they do. */
function throughRelay() {
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" }));
  const [a, b] = ends;
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the relay gave no answer")), PATIENCE);
    a.createDataChannel("relay").onopen = resolve;
    (async () => {
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription);
    })().catch(reject);
  }).finally(() => ends.forEach((end) => end.close()));
}

async function tryLine() {
  try {
    tell("net", (await roundTrip()) < SLOW ? "good" : "slow");
  } catch {
    tell("net", "none");
  }
}

async function tryRelay() {
  if (!iceServers.length) return tell("relay", page.relay === "login" ? "login" : "none");
  try {
    await throughRelay();
    tell("relay", "good");
  } catch {
    tell("relay", "bad");
  }
}

async function start() {
  element("start").disabled = true;
  await Promise.all([tryDevices(), tryLine(), tryRelay()]);
  element("start").disabled = false;
}

element("start").addEventListener("click", () => {
  media.stop();
  media.wanted = { audio: true, video: true };
  start();
});
element("card").addEventListener("click", ({ target }) => {
  if (target.matches("[data-act=retry]")) element("start").click();
  if (target.matches("[data-act=close]")) card(null);
});
element("play").addEventListener("click", () => {
  play([523, 659, 784], 0.4);
  tell("speaker", "ok");
});

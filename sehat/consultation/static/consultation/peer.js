/**
 * One other page of the call: the line to it, what comes through, and how much of it the line carries.
 *
 * Says by `onWord` how the line is, in one of the words of the page's template. Knows no DOM and no socket.
 */

import { read } from "./evidence.js";
import { Ladder, SHAPES, STEPS, isPicture, sample } from "./ladder.js";
import { Negotiation } from "./negotiation.js";

const KINDS = ["audio", "video"];
const SILENCE = 2; // s without picture and sound, before the browser calls a line lost

export class Peer {
  page;
  /** Its socket is gone; its line may well outlive it. */
  gone = false;
  /** What it says that it sends: kind -> boolean; null until it has said so. */
  devices = null;
  #step = "video"; // what it says that its line carries
  #line;
  #ladder = new Ladder();
  #stood = false; // pictures or sound have come through on this line
  #silence = 0;
  #evidence;
  #tracks;
  #settled;
  #send;
  #onWord;
  #onPaused;

  /**
   * @param {string} page its own name
   * @param {boolean} polite yields when two offers cross
   * @param {{audio: MediaStreamTrack|null, video: MediaStreamTrack|null}} tracks what this side has to send
   * @param {Evidence} evidence counts what comes through
   * @param {() => boolean} settled whether it is known which devices there are here
   * @param {(message: object) => void} send to that page
   * @param {(word: string) => void} onWord how the line is
   * @param {(paused: boolean) => void} onPaused own picture does not fit through
   */
  constructor({ page, polite, iceServers, tracks, evidence, settled, send, onTrack, onWord, onPaused }) {
    this.page = page;
    this.#tracks = tracks;
    this.#evidence = evidence;
    this.#settled = settled;
    this.#send = send;
    this.#onWord = onWord;
    this.#onPaused = onPaused;
    evidence.begin();
    const onState = (state) => this.#onState(state);
    this.#line = new Negotiation({ polite, iceServers, send, onTrack, onState });
    for (const kind of KINDS) this.put(kind);
    this.#shape();
    onWord("connecting");
  }

  get state() {
    return this.#line.state;
  }

  /** Whether its picture is paused, as it does not fit through its line. */
  get paused() {
    return !isPicture(this.#step);
  }

  put(kind) {
    return this.#line.put(kind, this.#tracks[kind]);
  }

  /** It is here again and may have missed something. */
  mend() {
    this.gone = false;
    this.#line.mend();
  }

  /** This device is in another network: nobody waits until the silence is noticed. */
  moved() {
    this.#line.mend(true);
  }

  leave() {
    this.gone = true;
    if (this.state !== "connected") this.#onWord("gone");
  }

  close() {
    this.#line.close();
  }

  receive(message) {
    return this.#line.receive(message);
  }

  /** Tell it what this side sends. */
  tell() {
    const devices = { audio: this.#tracks.audio !== null, video: this.#tracks.video !== null };
    this.#send({ devices, step: this.#told });
    this.#showLine();
  }

  /** What it says of itself. */
  told({ devices, step }) {
    this.devices = devices;
    this.#step = STEPS.includes(step) ? step : "video";
    this.#showLine();
  }

  /** Count what came through in the last second; a line that stands but brings nothing is mended early. */
  async look() {
    if (this.state !== "connected") return;
    const stats = await this.#line.stats();
    if (this.state !== "connected") return;
    const shown = isPicture(this.#ladder.said) && isPicture(this.#step);
    if (this.#evidence.count(read(stats), performance.now() / 1_000, shown) || !this.#expects) {
      this.#silence = 0;
      if (!this.#stood) this.#onState(this.state);
      this.#climb(sample(stats));
    } else if (++this.#silence === SILENCE) {
      this.#lost();
      this.#line.mend(true);
    }
  }

  #onState(state) {
    if (state === "connected") {
      this.#stood = true;
      this.#ladder.renew();
      this.#shape();
      this.#showLine();
    } else if (state === "disconnected" || state === "failed") {
      this.#lost();
    }
  }

  #lost() {
    if (this.#stood) this.#evidence.dropped();
    this.#stood = false;
    this.#onWord(this.gone ? "gone" : "lost");
  }

  /** Whether it sends anything at all, as far as it said. */
  get #expects() {
    const { audio, video } = this.devices ?? {};
    return (audio && this.#step !== "chat") || (video && isPicture(this.#step));
  }

  /** What the line does to what this side sends. With the camera off it takes no picture from anybody. */
  get #told() {
    return this.#tracks.video || this.#ladder.said === "chat" ? this.#ladder.said : "video";
  }

  /** Both sides read the same: the weaker direction is how the line is. */
  #showLine() {
    if (!this.#stood) return;
    const own = this.#told;
    const weaker = STEPS.find((step) => step === own || step === this.#step);
    const sent = [...Object.values(this.devices ?? { unknown: true }), ...Object.values(this.#tracks)];
    if (this.#settled() && !sent.some(Boolean)) this.#onWord("writing");
    else this.#onWord(weaker === "video" ? "connected" : `weak-${weaker}`);
    this.#onPaused(!isPicture(own));
  }

  #shape() {
    for (const kind of KINDS) this.#line.shape(kind, SHAPES[this.#ladder.step][kind]);
  }

  #climb(seen) {
    const before = this.#ladder.said;
    if (!this.#ladder.look(seen)) return;
    this.#shape();
    if (this.#ladder.said !== before) this.tell();
  }
}

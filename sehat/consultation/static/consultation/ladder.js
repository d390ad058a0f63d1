/**
 * How much of a call a line carries: the picture, a small picture, the sound alone, or writing only.
 *
 * One ladder for one line, for what this side sends. It goes down before the sound breaks, and up again by trying:
 * with the picture paused nobody can know how wide the line is. A step is told to people when it has held, so that
 * no picture comes and goes; after each try in vain it waits longer. Knows no DOM and no connection.
 */

/** From the weakest line to the best. */
export const STEPS = ["chat", "sound", "low", "video"];

const VOICE = { active: true, maxBitrate: 24_000, priority: "high", networkPriority: "high" };
const THIN_VOICE = { ...VOICE, maxBitrate: 16_000 };
const NOTHING = { active: false };

/** What each step sends: RTCRtpEncodingParameters, in part. */
export const SHAPES = {
  chat: { audio: NOTHING, video: NOTHING },
  sound: { audio: THIN_VOICE, video: NOTHING },
  low: {
    audio: VOICE,
    video: { active: true, maxBitrate: 250_000, maxFramerate: 15, scaleResolutionDownBy: 2 },
  },
  video: {
    audio: VOICE,
    video: { active: true, maxBitrate: 1_000_000, maxFramerate: 30, scaleResolutionDownBy: 1 },
  },
};

// bit/s that a step needs, headers included. A voice of 16 kbit/s takes some 50 while somebody speaks (see voice.js).
const NEEDS = { chat: 0, sound: 32_000, low: 170_000, video: 300_000 };
const PROMISING = 230_000; // bit/s, as far as a small picture can show it, from which the large one is tried
const LOST = { picture: 0.15, sound: 0.5 }; // share of packets
const TRIP = { picture: 1.2, sound: 4 }; // s; a satellite takes 0.6
const STARVED = 5; // frames/s that go out while the camera gives more

// All in looks, one a second.
const SETTLE = 3; // the browser's own estimate takes so long after a change
const BEGIN = 5; // and so long on a new line
const STRAIN = { chat: Infinity, sound: 8, low: 3, video: 3 }; // bad looks, less good ones, until it goes down
const TRIAL = 6; // after settling
const FIRST_WAIT = 8; // before a step up is tried; doubled after each try in vain
const LAST_WAIT = 32;
const LONG = 60; // after which what was tried in vain before is forgotten

/** Whether that step sends a picture. */
export const isPicture = (step) => step === "low" || step === "video";

/**
 * What the ladder looks at, from one getStats() report; null where the browser does not say.
 * @returns {{width: number|null, loss: number|null, trip: number|null, starved: boolean}} bit/s, 0 to 1, s
 */
export function sample(report) {
  const seen = { width: null, loss: null, trip: null };
  let camera = 0;
  let sent = null;
  for (const part of report.values()) {
    if (part.type === "candidate-pair" && part.availableOutgoingBitrate !== undefined) {
      seen.width = part.availableOutgoingBitrate;
      seen.trip = part.currentRoundTripTime ?? null;
    } else if (part.type === "remote-inbound-rtp" && part.kind === "audio") {
      seen.loss = part.fractionLost ?? null;
      seen.trip ??= part.roundTripTime ?? null;
    } else if (part.type === "media-source" && part.kind === "video") camera = part.framesPerSecond ?? 0;
    else if (part.type === "outbound-rtp" && part.kind === "video" && part.qualityLimitationReason !== "cpu")
      sent = part.framesPerSecond ?? 0;
  }
  return { ...seen, starved: sent !== null && sent < STARVED && camera >= 2 * STARVED };
}

/** Whether a line that looks so carries that step. */
function carries(step, { width, loss, trip }) {
  if (step === "chat") return true;
  const kind = isPicture(step) ? "picture" : "sound";
  return (width ?? Infinity) >= NEEDS[step] && (loss ?? 0) <= LOST[kind] && (trip ?? 0) <= TRIP[kind];
}

/** Whether that step would leave half of the line free. */
const easily = (step, seen) => carries(step, seen) && (seen.width ?? 0) >= 2 * NEEDS[step];

export class Ladder {
  /** What is sent. */
  step = "video";
  /** What people are told that is sent: lower than `step` while that one is only tried. */
  said = "video";
  #looks = 0; // since the last change
  #settle = BEGIN;
  #strain = 0;
  #risen = false; // to this step, by trying it
  #waits = new Map(); // step -> looks before it is tried

  /**
   * Look at the line once a second.
   * @returns {boolean} whether `step` or `said` changed
   */
  look(seen) {
    this.#looks += 1;
    if (this.#looks <= this.#settle) return false;
    const bears = carries(this.step, seen) && !(seen.starved && isPicture(this.step));
    this.#strain = bears ? Math.max(0, this.#strain - 1) : this.#strain + 1;
    if (this.#strain >= STRAIN[this.step]) return this.#down(seen);
    if (this.#strain > 0) return false;
    if (this.step !== this.said) return this.#believe(seen);
    if (this.#looks >= LONG) this.#waits.clear();
    return this.#up(seen);
  }

  /** The line was lost and is another one now: what was learned of the old one does not count. */
  renew() {
    this.#waits.clear();
    this.#go(this.said, BEGIN);
  }

  #up(seen) {
    const next = STEPS[STEPS.indexOf(this.step) + 1];
    const seenWell = next === "video"; // only a picture shows how wide the line is
    if (!next || (seenWell && (seen.width ?? Infinity) < PROMISING)) return false;
    return (this.#looks >= this.#wait(next) || (seenWell && easily(next, seen))) && this.#go(next);
  }

  #believe(seen) {
    if (this.#looks < this.#settle + TRIAL && !easily(this.step, seen)) return false;
    this.said = this.step;
    this.#risen = true;
    return this.#go(this.step);
  }

  #down(seen) {
    if (this.step !== this.said || (this.#risen && this.#looks < LONG))
      this.#waits.set(this.step, Math.min(2 * this.#wait(this.step), LAST_WAIT));
    this.#risen = false;
    if (this.step === this.said) this.said = this.#lower(seen);
    return this.#go(this.said);
  }

  /** The best step below that fits; writing alone only once the sound alone has failed. */
  #lower(seen) {
    const least = isPicture(this.step) ? "sound" : "chat";
    const lower = STEPS.slice(STEPS.indexOf(least), STEPS.indexOf(this.step));
    return lower.findLast((step) => carries(step, seen)) ?? least;
  }

  #wait(step) {
    return this.#waits.get(step) ?? FIRST_WAIT;
  }

  #go(step, settle = SETTLE) {
    this.step = step;
    this.#settle = settle;
    this.#looks = 0;
    this.#strain = 0;
    return true;
  }
}

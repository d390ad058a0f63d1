/**
 * How much of a meeting it was: seconds in which pictures, and sound, went both ways,
 * and how often the line dropped (clinical.md: the mode that counts is the mode achieved).
 * Counts only; knows no DOM and sends nothing.
 */

const LONGEST = 3; // s that one reading may stand for, when the browser's timers were held back

/** The counters of one getStats() report. */
export function read(report) {
  const seen = { videoIn: 0, videoOut: 0, audioIn: 0, audioOut: 0 };
  for (const part of report.values()) {
    if (part.type === "inbound-rtp" && part.kind === "video") seen.videoIn += part.framesDecoded ?? 0;
    if (part.type === "outbound-rtp" && part.kind === "video") seen.videoOut += part.framesSent ?? 0;
    if (part.type === "inbound-rtp" && part.kind === "audio") seen.audioIn += part.packetsReceived ?? 0;
    if (part.type === "outbound-rtp" && part.kind === "audio") seen.audioOut += part.packetsSent ?? 0;
  }
  return seen;
}

export class Evidence {
  video;
  audio;
  drops;
  #last = null;

  /** @param {{video: number, audio: number, drops: number}} sofar of earlier loads of this page */
  constructor({ video, audio, drops }) {
    this.video = video;
    this.audio = audio;
    this.drops = drops;
  }

  /** A new line starts its counters at nothing. */
  begin() {
    this.#last = null;
  }

  /**
   * @param {number} at seconds of any clock that does not jump
   * @param {boolean} shown whether pictures that come through are shown: those of a line on trial are not
   * @returns {boolean} whether anything came in since the last reading
   */
  count(seen, at, shown = true) {
    const last = this.#last;
    this.#last = { ...seen, at };
    if (!last) return true;
    const seconds = Math.min(at - last.at, LONGEST);
    if (shown && seen.videoIn > last.videoIn && seen.videoOut > last.videoOut) this.video += seconds;
    if (seen.audioIn > last.audioIn && seen.audioOut > last.audioOut) this.audio += seconds;
    return seen.videoIn > last.videoIn || seen.audioIn > last.audioIn;
  }

  dropped() {
    this.drops += 1;
  }

  get totals() {
    return { video: Math.floor(this.video), audio: Math.floor(this.audio), drops: this.drops };
  }
}

/**
 * Camera and microphone, as much of them as there is: both, one of them, or none.
 * Knows no DOM and no connection.
 */

const VIDEO = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 24, max: 30 },
  facingMode: "user",
};
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Why a device is not there: "refused", "missing", "busy" or "insecure" (page without HTTPS). */
export function problemOf(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    default:
      return "busy"; // NotReadableError, AbortError: another program holds it, or it broke
  }
}

/** @returns {Promise<{tracks: MediaStreamTrack[], problem: string|null}>} */
export async function open(wanted) {
  if (!navigator.mediaDevices) return { tracks: [], problem: "insecure" };
  const constraints = { audio: wanted.audio && AUDIO, video: wanted.video && VIDEO };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return { tracks: stream.getTracks(), problem: null };
  } catch (error) {
    return { tracks: [], problem: problemOf(error) };
  }
}

export class Media {
  /** What is being sent: kind -> live track or null. */
  tracks = { audio: null, video: null };
  /** What a person has switched on; a device that is missing stays switched on and null. */
  wanted = { audio: true, video: true };
  problems = { audio: null, video: null };
  #onChange;

  /** @param {(kind: "audio"|"video", track: MediaStreamTrack|null) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Both, else microphone only, else camera only, else neither; `problems` says why. */
  async start() {
    const both = await open({ audio: true, video: true });
    if (!both.problem) {
      both.tracks.forEach((track) => this.#take(track));
      return;
    }
    await this.#start("audio");
    if (this.tracks.audio) this.#fail("video", both.problem);
    else await this.#start("video");
  }

  /** Switch one of them on or off. Off is off: nothing leaves, and the camera's lamp goes out. */
  async turn(kind, on) {
    this.wanted[kind] = on;
    if (!on) this.#drop(kind);
    else if (!this.tracks[kind]) await this.#start(kind);
  }

  stop() {
    this.wanted = { audio: false, video: false };
    this.#drop("audio");
    this.#drop("video");
  }

  async #start(kind) {
    const { tracks, problem } = await open({ [kind]: true });
    if (problem) this.#fail(kind, problem);
    else this.#take(tracks[0]);
  }

  #take(track) {
    if (!this.wanted[track.kind]) return track.stop(); // switched off while the browser was asking
    this.problems[track.kind] = null;
    this.tracks[track.kind] = track;
    track.onended = () => this.#fail(track.kind, "missing"); // unplugged, or taken back
    this.#onChange(track.kind, track);
  }

  #fail(kind, problem) {
    this.problems[kind] = problem;
    this.#drop(kind);
  }

  #drop(kind) {
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
    this.#onChange(kind, null);
  }
}

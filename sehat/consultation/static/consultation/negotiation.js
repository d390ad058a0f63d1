/**
 * One line to the other side: perfect negotiation (W3C WebRTC 1.0, section 10.7).
 *
 * Both sides run this same code; the polite side leaves the first word to the other, and yields when two offers cross.
 * Places for voice and picture are agreed on before there is either, so that the line stands while the camera starts.
 * A line that is lost is mended by itself. Knows no DOM and no socket.
 */

import { sturdy, thrifty } from "./voice.js";

const PATIENCE = 2_500; // ms a silent line is given to come back by itself
const UNMADE = 4_000; // ms a new line is given to begin
const AGAIN = 10_000; // ms between two tries to mend it
const TRIES = 10;
const TRY_AGAIN = 200; // ms
const WHOLE = [0, 300, 700, 1_500, 2_500]; // ms after a new way is found; one that is lost would be asked for after 3 s only
const OVERTAKEN = ["InvalidStateError", "InvalidModificationError"];

export class Negotiation {
  #pc;
  #polite;
  #send;
  #stream = new MediaStream(); // one for both tracks keeps lips and voice together
  #senders = new Map(); // kind of track -> RTCRtpSender
  #tracks = new Map(); // kind of track -> what is to be sent, or null
  #shapes = new Map(); // kind of track -> RTCRtpEncodingParameters, in part
  #turns = new Map(); // RTCRtpSender -> the end of its last change
  #makingOffer = false;
  #ignoreOffer = false;
  #heard = Promise.resolve(); // the end of the last message
  #mending = 0;

  /**
   * @param {boolean} polite yields when two offers cross
   * @param {RTCIceServer[]} iceServers relays, or none
   * @param {(message: {description?, candidate?}) => void} send to the other side
   * @param {(track: MediaStreamTrack) => void} onTrack a track of the other side, once something comes on it
   * @param {(state: RTCPeerConnectionState) => void} onState
   */
  constructor({ polite, iceServers, send, onTrack, onState }) {
    const pc = new RTCPeerConnection({ iceServers });
    this.#pc = pc;
    this.#polite = polite;
    this.#send = send;
    pc.onnegotiationneeded = () => this.#offer();
    pc.onicecandidate = ({ candidate }) => candidate && send({ candidate });
    pc.ontrack = ({ track }) => (track.muted ? (track.onunmute = () => onTrack(track)) : onTrack(track));
    pc.onconnectionstatechange = () => {
      this.#watch();
      onState(pc.connectionState);
    };
    this.#watch();
    if (!polite) for (const kind of ["audio", "video"]) this.#take(pc.addTransceiver(kind));
  }

  /** Send this track from now on; null sends nothing of its kind. */
  async put(kind, track) {
    this.#tracks.set(kind, track);
    await this.#senders.get(kind)?.replaceTrack(track);
  }

  /** Send that kind so from now on, whichever track it is, and if there is one: RTCRtpEncodingParameters, in part. */
  async shape(kind, encoding) {
    this.#shapes.set(kind, encoding);
    const sender = this.#senders.get(kind);
    if (sender) await this.#adjust(sender, (parameters) => parameters.encodings.forEach((one) => Object.assign(one, encoding)));
  }

  /** One change after the other: the end of one takes the parameters from under another that is under way. */
  #adjust(sender, change) {
    const turn = (this.#turns.get(sender) ?? Promise.resolve()).then(() => this.#change(sender, change));
    this.#turns.set(sender, turn.catch(() => undefined)); // told to whoever asked for that change
    return turn;
  }

  /** A description that is being applied takes the parameters away, too: then they are read anew. */
  async #change(sender, change, triesLeft = TRIES) {
    if (this.#pc.signalingState === "closed") return;
    const parameters = sender.getParameters();
    const options = change(parameters);
    try {
      await sender.setParameters(parameters, options);
    } catch (error) {
      if (this.#pc.signalingState === "closed") return;
      if (!triesLeft || !OVERTAKEN.includes(error.name)) throw error;
      await new Promise((later) => setTimeout(later, TRY_AGAIN));
      await this.#change(sender, change, triesLeft - 1);
    }
  }

  /** Take a message of the other side's Negotiation: one after the other, as each is judged by what the last has left. */
  receive(message) {
    const turn = this.#heard.then(() => this.#hear(message));
    this.#heard = turn.catch(() => undefined); // told to whoever brought that message
    return turn;
  }

  async #hear({ description, candidate }) {
    const pc = this.#pc;
    if (pc.signalingState === "closed") return;
    if (description) {
      const collision = description.type === "offer" && (this.#makingOffer || pc.signalingState !== "stable");
      this.#ignoreOffer = !this.#polite && collision;
      // An offer that was said twice is answered twice: the second answer finds it answered.
      const late = description.type === "answer" && pc.signalingState !== "have-local-offer";
      if (this.#ignoreOffer || late) return;
      await pc.setRemoteDescription(thrifty(description));
      this.#heed();
      if (description.type === "offer") {
        for (const place of pc.getTransceivers()) this.#take(place);
        await pc.setLocalDescription();
        this.#send({ description: pc.localDescription });
      }
    } else if (candidate) {
      try {
        await pc.addIceCandidate(candidate);
      } catch (error) {
        if (!this.#ignoreOffer && pc.signalingState !== "closed") throw error;
      }
    }
  }

  /**
   * The other side may have missed messages: say again what stands open, or look for a new way.
   * @param {boolean} silent nothing comes through, even if the browser has not noticed yet
   */
  mend(silent = false) {
    const pc = this.#pc;
    if (pc.signalingState === "have-local-offer") this.#send({ description: pc.localDescription });
    else if (pc.remoteDescription && (silent || pc.connectionState !== "connected")) pc.restartIce();
  }

  get state() {
    return this.#pc.connectionState;
  }

  /** @returns {Promise<RTCStatsReport>} */
  stats() {
    return this.#pc.getStats();
  }

  close() {
    clearTimeout(this.#mending);
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  /** A place agreed on with the other side, for what this side sends of its kind. */
  #take(place) {
    const { sender, receiver } = place;
    const { kind } = receiver.track;
    if (this.#senders.has(kind)) return;
    this.#senders.set(kind, sender);
    place.direction = "sendrecv";
    sender.setStreams?.(this.#stream);
    if (kind === "audio") sturdy(place);
    if (this.#tracks.get(kind)) sender.replaceTrack(this.#tracks.get(kind));
    if (this.#shapes.has(kind)) this.shape(kind, this.#shapes.get(kind));
  }

  async #offer() {
    const pc = this.#pc;
    try {
      this.#makingOffer = true;
      await pc.setLocalDescription();
      this.#send({ description: pc.localDescription });
    } catch (error) {
      if (pc.signalingState !== "closed") throw error;
    } finally {
      this.#makingOffer = false;
    }
  }

  /** Another way was found: the other side has missed frames that the next ones build on, so some are sent whole. */
  #heed() {
    const way = this.#pc.getSenders()[0]?.transport?.iceTransport;
    if (way) way.onselectedcandidatepairchange = () => WHOLE.forEach((wait) => setTimeout(() => this.#sendWhole(), wait));
  }

  async #sendWhole() {
    const sender = this.#senders.get("video");
    const whole = ({ encodings }) => ({ encodingOptions: encodings.map(() => ({ keyFrame: true })) });
    if (sender) await this.#adjust(sender, whole);
  }

  #watch() {
    clearTimeout(this.#mending);
    const wait = { new: UNMADE, connecting: AGAIN, disconnected: PATIENCE, failed: 0 }[this.#pc.connectionState];
    if (wait === undefined) return;
    const again = () => {
      this.mend();
      this.#mending = setTimeout(again, AGAIN);
    };
    this.#mending = setTimeout(again, wait);
  }
}

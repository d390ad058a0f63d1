/**
 * Who else is in the call: the other side, and a third person where one was invited. One line to each (a mesh).
 *
 * The words of each line stand with its picture; the seconds of the line between patient and doctor count. Knows no
 * DOM and no socket.
 */

import { Evidence } from "./evidence.js";
import { Peer } from "./peer.js";

// Of two that offer at once, the one further down this list yields.
const YIELDS = ["doctor", "guest", "patient"];

export class Room {
  #peers = new Map(); // side -> Peer
  #side;
  #first;
  #iceServers;
  #tracks;
  #evidence;
  #say;
  #forget;
  #view;
  #settled = false;

  /**
   * @param {string} side whose page this is
   * @param {Evidence} evidence of the line between patient and doctor
   * @param {(message: object) => void} say to all the others
   * @param {(page: string) => void} forget what waits to be said to that page
   * @param {object} view shows tracks, words and devices (view.js)
   */
  constructor({ side, iceServers, tracks, evidence, say, forget, view }) {
    this.#side = side;
    this.#first = side === "patient" ? "doctor" : "patient";
    this.#iceServers = iceServers;
    this.#tracks = tracks;
    this.#evidence = evidence;
    this.#say = say;
    this.#forget = forget;
    this.#view = view;
  }

  /** It is known which devices there are, or it takes long to know: from now on the others are told. */
  settle() {
    this.#settled = true;
    this.tell();
  }

  /** The line to the other side. */
  get first() {
    return this.#peers.get(this.#first);
  }

  /** Somebody is here. A page not met before needs a new line; a known one may have missed something. */
  meet(side, page) {
    if (side === this.#side) return;
    const known = this.#peers.get(side);
    if (known?.page === page) known.mend();
    else this.#begin(side, page, known);
    if (this.#settled) this.#peers.get(side).tell();
  }

  /** This device is in another network. */
  moved() {
    for (const peer of this.#peers.values()) peer.moved();
  }

  /** The page's socket is gone. */
  gone(page) {
    this.#named(page)?.leave();
  }

  /** What a page has to say to this one; a stranger is not listened to. */
  async hear({ from, side, bye, devices, step, ...message }) {
    const peer = this.#named(from);
    if (!peer) return;
    if (bye) this.#end(side);
    else if (devices) {
      peer.told({ devices, step });
      this.#view.theirs(this.#place(side), devices, peer.paused);
    } else await peer.receive(message);
  }

  /** The third person has left, or was sent out. */
  only(sides) {
    for (const side of this.#peers.keys()) if (!sides.includes(side)) this.#end(side);
    this.#view.third(false);
  }

  put(kind) {
    return Promise.all(Array.from(this.#peers.values(), (peer) => peer.put(kind)));
  }

  tell() {
    if (!this.#settled) return;
    for (const peer of this.#peers.values()) peer.tell();
  }

  look() {
    return Promise.all(Array.from(this.#peers.values(), (peer) => peer.look()));
  }

  close() {
    for (const side of [...this.#peers.keys()]) {
      this.#peers.get(side).close();
      this.#peers.delete(side);
      this.#view.clear(this.#place(side));
    }
  }

  #begin(side, page, known) {
    if (known) {
      known.close();
      this.#forget(known.page);
    }
    const place = this.#place(side);
    const isFirst = side === this.#first;
    this.#view.clear(place);
    if (!isFirst) this.#view.third(true);
    const evidence = isFirst && this.#side !== "guest" ? this.#evidence : new Evidence({ video: 0, audio: 0, drops: 0 });
    const peer = new Peer({
      page,
      polite: YIELDS.indexOf(this.#side) > YIELDS.indexOf(side),
      iceServers: this.#iceServers,
      tracks: this.#tracks,
      evidence,
      settled: () => this.#settled,
      send: (message) => this.#say({ to: page, ...message }),
      onTrack: (track) => this.#view.show(place, track),
      onWord: (word) => this.#view.line(place, word),
      onPaused: (paused) => isFirst && this.#view.paused(paused),
    });
    this.#peers.set(side, peer);
  }

  /** That page was left or is loading anew: its line will not come back, a new one will. */
  #end(side) {
    this.#peers.get(side)?.close();
    this.#peers.delete(side);
    this.#view.clear(this.#place(side));
    this.#view.line(this.#place(side), "gone");
  }

  #place(side) {
    return side === this.#first ? "theirs" : "third";
  }

  #named(page) {
    return Array.from(this.#peers.values()).find((peer) => peer.page === page);
  }
}

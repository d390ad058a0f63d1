/**
 * What a person sees of the call: pictures, words, buttons, cards. Every word comes from
 * the page's templates, so Django translates it. Knows no connection and no socket.
 */

const element = (id) => document.getElementById(id);

export class View {
  #words = new Map();
  #streams = { theirs: new MediaStream(), third: new MediaStream() };
  #how = element("how");
  #names = { first: "", third: "" };
  #line = null; // how the line to the other side is
  #third = { line: "connecting", devices: null };
  #chatSeen = true;

  /** @param {{onToggle, onLeave, onRetry, onHere}} acts what the buttons do */
  constructor({ onToggle, onLeave, onRetry, onHere }) {
    for (const word of element("words").content.querySelectorAll("[data-word]"))
      this.#words.set(word.dataset.word, word);
    for (const kind of ["audio", "video"])
      element(`turn-${kind}`).addEventListener("click", ({ currentTarget }) =>
        onToggle(kind, currentTarget.getAttribute("aria-pressed") !== "true"),
      );
    element("leave")?.addEventListener("click", onLeave);
    element("card").addEventListener("click", ({ target }) => {
      if (target.matches("[data-act=retry]")) onRetry();
      if (target.matches("[data-act=here]")) onHere();
      if (target.matches("[data-act=close]")) this.card(null);
    });
    element("news").addEventListener("click", () => {
      element("chat").scrollIntoView({ behavior: "smooth" });
      element("message").focus({ preventScroll: true });
    });
    new IntersectionObserver(([chat]) => {
      this.#chatSeen = chat.isIntersecting;
      if (chat.isIntersecting) element("news").hidden = true;
    }).observe(element("chat").querySelector("ol"));
  }

  /** Say how the line to `place` is: one of the words in the page's template. */
  line(place, word) {
    if (place === "third") this.#third.line = word;
    else this.#line = word;
    this.#say();
  }

  /** A card below the picture, with how to go on; null takes it away. On a low screen only one of the two is in sight. */
  card(word) {
    const card = element("card");
    const stood = !card.hidden;
    card.hidden = word === null;
    card.replaceChildren(...(word === null ? [] : [this.#words.get(word).cloneNode(true)]));
    if (word !== null) card.scrollIntoView({ block: "nearest" });
    else if (stood) element("stage").scrollIntoView({ block: "nearest" });
  }

  /** A track of somebody else; `place` is `theirs` (the other side) or `third` (the third person). */
  show(place, track) {
    const stream = this.#streams[place];
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
    // Only now: a stream without tracks would keep the page from ever being loaded.
    element(place).srcObject = stream;
    this.#play(place);
  }

  /** That line is gone: no last picture stands frozen. */
  clear(place) {
    this.#streams[place] = new MediaStream();
    element(place).srcObject = null;
  }

  /** Whether a third person is in the call. */
  third(there) {
    element("stage").classList.toggle("three", there);
    element("third-frame").hidden = !there;
    if (!there) this.#third = { line: "connecting", devices: null };
    this.#say();
  }

  /** Own device: switched on or off by the person, and there or not. */
  own(kind, { wanted, track, problem }) {
    const button = element(`turn-${kind}`);
    button.setAttribute("aria-pressed", String(wanted && !problem));
    element(`turn-${kind}-state`).textContent = this.#words.get(
      problem ? "device-none" : wanted ? "device-on" : "device-off",
    ).textContent;
    if (kind !== "video") return;
    element("own").srcObject = track && new MediaStream([track]);
    element("own").classList.toggle("dark", !track);
  }

  /** Own picture stands still for the other side: it does not fit through the line. */
  paused(paused) {
    element("own").classList.toggle("paused", paused);
  }

  /** What somebody sends, as that page says itself; `paused` when its picture does not fit through the line. */
  theirs(place, { audio, video }, paused) {
    element(place).classList.toggle("dark", !video || paused);
    const word = { "true,false": "no-picture", "false,true": "no-sound", "false,false": "no-both" }[`${audio},${video}`];
    if (place === "third") {
      this.#third.devices = word;
      this.#say();
      return;
    }
    const note = element("theirs-note");
    note.hidden = !word;
    note.textContent = word ? this.#words.get(word).textContent : "";
  }

  /** Where the consultation stands: the server's own words take the place of the old ones. */
  state(html) {
    const state = element("state");
    const asked = state.querySelector(".ask") !== null;
    if (html !== null) state.innerHTML = html;
    if (!asked) state.querySelector(".ask")?.scrollIntoView({ block: "nearest" });
    const { call = "ended", go = "", first = "", third = "" } = state.firstElementChild?.dataset ?? {};
    this.#names = { first, third };
    this.#say();
    return { call, go, third };
  }

  /** The picture is over; where a card says why, the line says nothing. */
  ended(card) {
    this.#how.hidden = Boolean(card);
    element("stage").classList.add("over");
    element("controls").hidden = true;
    element("theirs-note").hidden = true;
    element("hear").hidden = true;
  }

  /** Something new was written while the chat may be out of sight. */
  news() {
    element("news").hidden = this.#chatSeen;
  }

  /** The words of both lines. Of three people it is said whose line is meant. */
  #say() {
    if (this.#line) {
      const word = this.#words.get(this.#line).textContent;
      const named = element("stage").matches(".three") && /^(weak|lost)/.test(this.#line);
      this.#write(this.#how, named ? `${this.#names.first}: ${word}` : word);
      element("stage").dataset.line = this.#line;
    }
    const { line, devices } = this.#third;
    const stands = line === "connected" || line === "weak-low";
    const word = this.#words.get(`third-${(stands && devices) || line}`).textContent;
    this.#write(element("third-how"), word ? `${this.#names.third}: ${word}` : this.#names.third);
    element("third-frame").dataset.line = line;
  }

  /** Spoken once, and not each time that it is said. */
  #write(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }

  /** Some browsers give no sound before a touch: then the picture comes without, and a button asks for it. */
  async #play(place) {
    const video = element(place);
    try {
      await video.play();
    } catch (error) {
      if (error.name === "AbortError") return; // a newer stream took its place
      if (error.name !== "NotAllowedError" || video.muted) throw error;
      video.muted = true;
      element("hear").hidden = false;
      addEventListener("click", () => this.#unmute(), { once: true }); // wherever the first touch falls
      await this.#play(place);
    }
  }

  #unmute() {
    element("hear").hidden = true;
    for (const place of ["theirs", "third"]) {
      element(place).muted = false;
      if (element(place).srcObject) this.#play(place);
    }
  }
}

// Sound, vibration, blinking title, and the browser's notification where the person allowed it: until stopped.

const BEAT_MS = 1200;

export class Alarm {
  #words;
  #title = document.title;
  #timer = null;
  #sound = null;

  constructor(words) {
    this.#words = words;
    // Browsers give sound only after a touch; the first one on the page opens it.
    addEventListener("pointerdown", () => this.#awake(), { once: true });
    addEventListener("keydown", () => this.#awake(), { once: true });
  }

  // A button that asks for notifications; shown only where they exist and nobody has decided yet.
  offer(button) {
    if (!button || !("Notification" in window) || Notification.permission !== "default") return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await Notification.requestPermission();
      button.hidden = true;
    });
  }

  start() {
    if (this.#timer) return;
    let odd = false;
    const beat = () => {
      odd = !odd;
      document.title = odd ? `● ${this.#words.title}` : this.#title;
      this.#beep();
      navigator.vibrate?.(400);
    };
    beat();
    this.#timer = setInterval(beat, BEAT_MS);
    this.#notify();
  }

  stop() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
    document.title = this.#title;
  }

  #awake() {
    this.#sound ??= new AudioContext();
    this.#sound.resume();
  }

  #beep() {
    if (this.#sound?.state !== "running") return;
    const now = this.#sound.currentTime;
    for (const [at, hertz] of [[0, 660], [0.18, 880]]) {
      const tone = this.#sound.createOscillator();
      const volume = this.#sound.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.0001, now + at);
      volume.gain.exponentialRampToValueAtTime(0.3, now + at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, now + at + 0.16);
      tone.connect(volume).connect(this.#sound.destination);
      tone.start(now + at);
      tone.stop(now + at + 0.2);
    }
  }

  async #notify() {
    if (!("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
    const words = { body: this.#words.body, requireInteraction: true, tag: "call", data: location.pathname };
    // Telephones allow notifications from a service worker only.
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker?.active) await worker.showNotification(this.#words.title, words);
    else new Notification(this.#words.title, words);
  }
}

/**
 * The socket between the two pages: comes back by itself, keeps what is to be said
 * while the line is down. Knows neither what is said nor who shows it.
 */

const FIRST = 500; // ms before the first new try, doubled up to LAST
const LAST = 8_000;
const BEAT = 10_000; // ms between two signs of life; one left unanswered ends the socket
const KEPT = 200; // messages kept while the line is down
const STRANGER = 4404; // closed for good: not yours, or no longer there

export class Signal {
  #url;
  #socket = null;
  #queue = [];
  #wait = FIRST;
  #timer = 0;
  #alive = true;
  #ended = false;
  #onMessage;
  #onLine;

  /**
   * @param {string} path of the socket on this host
   * @param {(message: object) => void} onMessage
   * @param {(up: boolean) => void} onLine the socket stands, or not
   */
  constructor(path, { onMessage, onLine }) {
    this.#url = new URL(path, location.href);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#onMessage = onMessage;
    this.#onLine = onLine;
    addEventListener("online", () => this.#retry(0));
    addEventListener("offline", () => this.#socket?.close());
    this.#open();
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    else if (this.#queue.push(message) > KEPT) this.#queue.shift();
  }

  /** Forget what waits to be said to that page: it is gone. */
  forget(page) {
    this.#queue = this.#queue.filter(({ to }) => to !== page);
  }

  close() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #open() {
    const socket = new WebSocket(this.#url);
    let beat = 0;
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = FIRST;
      this.#alive = true;
      beat = setInterval(() => this.#pulse(), BEAT);
      this.#queue.splice(0).forEach((message) => this.send(message));
      this.#onLine(true);
    };
    socket.onmessage = ({ data }) => {
      this.#alive = true;
      const message = JSON.parse(data);
      if (message.kind === "hearing") this.#onLine(true); // what was said while the processes were apart is lost
      else if (message.kind !== "beat") this.#onMessage(message);
    };
    socket.onclose = ({ code }) => {
      clearInterval(beat);
      if (socket !== this.#socket) return;
      this.#ended ||= code === STRANGER;
      this.#onLine(false);
      this.#retry(this.#wait * (0.75 + Math.random() / 2));
      this.#wait = Math.min(this.#wait * 2, LAST);
    };
  }

  #retry(wait) {
    clearTimeout(this.#timer);
    if (this.#ended || this.#socket.readyState < WebSocket.CLOSING) return;
    this.#timer = setTimeout(() => this.#open(), wait);
  }

  #pulse() {
    if (this.#alive) {
      this.#alive = false;
      this.send({ kind: "beat" });
      return;
    }
    // A dead line may keep close() waiting for minutes: leave this socket behind now.
    const dead = this.#socket;
    const { onclose } = dead;
    dead.onmessage = dead.onclose = null;
    dead.close();
    onclose({ code: 1006 });
  }
}

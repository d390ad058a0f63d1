// One socket that comes back by itself. While it is not there (refused by a proxy, lost with the line) the page asks
// every few seconds instead: live() promises no more than speed.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 25_000;
const ASK_MS = 5_000;
const STRANGER = 4404;
const RESTART = 1012; // the process stops, another one takes its sockets: not all of them in one moment
const RESTART_SPREAD_MS = 4_000;

export function live(path, { onMessage, ask }) {
  let wait = FIRST_WAIT_MS;
  let asking = null;
  let before = false;

  const startAsking = () => (asking ??= setInterval(ask, ASK_MS));
  const stopAsking = () => {
    clearInterval(asking);
    asking = null;
  };

  function open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    const ping = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('{"kind":"ping"}'), PING_MS);
    socket.onopen = () => {
      wait = FIRST_WAIT_MS;
      stopAsking();
      // What was said while the line was gone is lost: ask once after every return.
      if (before) ask();
      before = true;
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      // The processes do not hear each other for now, and do again.
      if (message.kind === "deaf") return startAsking();
      if (message.kind === "hearing") return stopAsking(), ask();
      onMessage(message);
    };
    socket.onclose = (event) => {
      clearInterval(ping);
      startAsking();
      if (event.code === STRANGER) return;
      const spread = event.code === RESTART ? RESTART_SPREAD_MS * Math.random() : 0;
      setTimeout(open, spread + wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  open();
}

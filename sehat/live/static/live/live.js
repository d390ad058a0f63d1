// One socket that comes back by itself. While it is not there (refused by a proxy, lost with the line) the page asks
// every few seconds instead: live() promises no more than speed.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 25_000;
const ASK_MS = 5_000;
const STRANGER = 4404;

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
    socket.onmessage = (event) => onMessage(JSON.parse(event.data));
    socket.onclose = (event) => {
      clearInterval(ping);
      startAsking();
      if (event.code === STRANGER) return;
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  open();
}

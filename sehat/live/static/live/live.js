// One socket that comes back by itself. A page that cannot have it goes on by asking: live() promises nothing but speed.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 25_000;
const STRANGER = 4404;

export function live(path, { onMessage, onOpen = () => {} }) {
  let wait = FIRST_WAIT_MS;
  let opened = false;

  function open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    const ping = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('{"kind":"ping"}'), PING_MS);
    socket.onopen = () => {
      wait = FIRST_WAIT_MS;
      // What was said while the line was gone is lost: ask once after every return.
      if (opened) onOpen();
      opened = true;
    };
    socket.onmessage = (event) => onMessage(JSON.parse(event.data));
    socket.onclose = (event) => {
      clearInterval(ping);
      if (event.code === STRANGER) return;
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  open();
}

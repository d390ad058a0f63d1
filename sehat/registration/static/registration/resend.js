// Resend OTP waits: the button counts down to the moment from which the server takes it.

const button = document.getElementById("again");
const hint = document.getElementById("again-wait");
const seconds = document.getElementById("again-seconds");
const free = Date.now() + Number(button.dataset.wait) * 1000;

function tick() {
  const left = Math.ceil((free - Date.now()) / 1000);
  button.disabled = left > 0;
  hint.hidden = left <= 0;
  seconds.textContent = String(left);
  if (left > 0) setTimeout(tick, 250);
}

tick();

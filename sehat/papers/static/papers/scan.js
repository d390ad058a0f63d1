// Scan the code of a paper with the camera, where the browser can read codes; else the number and the photo are there.

const form = document.querySelector("[data-scan]");
const EVERY_MS = 200;
const SLOW_MS = 12_000; // without a find, until it is said what helps

let stream = null;
let slow = 0;

if (form && (await canRead())) {
  form.hidden = false;
  part("start").addEventListener("click", scan);
  part("stop").addEventListener("click", stop);
  addEventListener("pagehide", stop);
}

function part(name) {
  return form.querySelector(`[data-part=${name}]`);
}

/** Show these parts of the form and no others. */
function show(...names) {
  for (const one of form.querySelectorAll("[data-part]")) one.hidden = !names.includes(one.dataset.part);
}

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function scan() {
  show("start");
  part("start").disabled = true; // the browser asks; once is enough
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    show("start", error.name === "NotAllowedError" ? "refused" : "missing");
    return;
  } finally {
    part("start").disabled = false;
  }
  show("picture", "hint", "stop");
  slow = setTimeout(() => show("picture", "slow", "stop"), SLOW_MS);
  part("picture").srcObject = stream;
  part("stop").focus();
  await part("picture").play();
  look(new BarcodeDetector({ formats: ["qr_code"] }));
}

async function look(detector) {
  if (!stream) return;
  const [found] = await detector.detect(part("picture")).catch(() => []);
  if (found && stream) {
    stop();
    form.querySelector("[data-code]").value = found.rawValue;
    form.requestSubmit();
    return;
  }
  setTimeout(() => look(detector), EVERY_MS);
}

function stop() {
  clearTimeout(slow);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  show("start");
  part("start").focus();
}

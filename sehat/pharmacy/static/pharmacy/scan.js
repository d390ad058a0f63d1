// Scan the code of a sheet with the camera, where the browser can read codes; else the photo and the number are there.

const form = document.querySelector("[data-look-up]");
const start = form?.querySelector("[data-scan]");
const scanner = form?.querySelector("[data-scanner]");
const video = scanner?.querySelector("video");
const EVERY_MS = 200;

let stream = null;

if (start && (await canRead())) {
  start.hidden = false;
  start.addEventListener("click", scan);
  scanner.querySelector("[data-stop]").addEventListener("click", stop);
  addEventListener("pagehide", stop);
}

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function scan() {
  const noCamera = form.querySelector("[data-no-camera]");
  noCamera.hidden = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    noCamera.hidden = false;
    return;
  }
  video.srcObject = stream;
  scanner.hidden = false;
  await video.play();
  look(new BarcodeDetector({ formats: ["qr_code"] }));
}

async function look(detector) {
  if (!stream) return;
  const [found] = await detector.detect(video).catch(() => []);
  if (found) {
    stop();
    form.elements.code.value = found.rawValue;
    form.requestSubmit();
    return;
  }
  setTimeout(() => look(detector), EVERY_MS);
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  scanner.hidden = true;
  start.focus();
}

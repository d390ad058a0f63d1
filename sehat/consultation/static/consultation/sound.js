/** Short notes made in the browser: no sound file to load. */

let context = null;

/** Play notes (Hz) one after the other. Browsers keep it silent until a person has touched the page. */
export function play(notes, length = 0.18) {
  context ??= new AudioContext();
  context.resume();
  notes.forEach((hertz, index) => {
    const at = context.currentTime + index * length;
    const oscillator = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + length);
  });
}

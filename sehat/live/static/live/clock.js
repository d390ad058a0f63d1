// Counts down from the seconds which the server said were left: no two clocks have to agree.

export class Clock {
  #timer = null;

  show(face, onZero) {
    clearInterval(this.#timer);
    if (!face) return;
    const end = performance.now() + Number(face.dataset.seconds) * 1000;
    const tick = () => {
      const left = Math.max(0, Math.round((end - performance.now()) / 1000));
      face.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left > 0) return;
      clearInterval(this.#timer);
      // The server decides; it is asked a moment later, when its sweep has been by.
      setTimeout(onZero, 1500);
    };
    tick();
    this.#timer = setInterval(tick, 500);
  }
}

/** Eyes that blink now and then: closed shares from 0 to 1. */
export class Blinking {
  #next = 1.5;

  at(seconds: number): number {
    if (seconds > this.#next + 0.3) {
      this.#next = seconds + 2.2 + 3.5 * Math.random();
    }
    const t = (seconds - this.#next) / 0.22;
    return t > 0 && t < 1 ? Math.sin(Math.PI * t) ** 0.7 : 0;
  }
}

/** Eyes that look elsewhere from time to time. */
export class GazeDrift {
  #x = 0;
  #y = 0;
  #targetX = 0;
  #targetY = 0;
  #next = 2;

  at(seconds: number): [x: number, y: number] {
    if (seconds > this.#next) {
      const away = Math.random() < 0.45;
      this.#targetX = away ? (Math.random() - 0.5) * 0.7 : 0;
      this.#targetY = away ? (Math.random() - 0.5) * 0.35 : 0;
      this.#next = seconds + 0.9 + 2.5 * Math.random();
    }
    this.#x += (this.#targetX - this.#x) * 0.25;
    this.#y += (this.#targetY - this.#y) * 0.25;
    return [this.#x, this.#y];
  }
}

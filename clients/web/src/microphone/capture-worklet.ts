/** Name of the processor that the worklet registers. */
export const captureName = "motiongateway-capture";

/**
 * The worklet, as text: it runs by itself in the audio thread, so that no bundler and no module of this library may be part of it.
 * It hands over the first channel's samples, some at a time.
 */
export const captureWorklet = `registerProcessor("${captureName}", class extends AudioWorkletProcessor {
  #held = new Float32Array(512);
  #count = 0;

  process([input]) {
    const samples = input[0];
    if (samples !== undefined) {
      if (this.#count + samples.length > this.#held.length) {
        this.#handOver();
      }
      this.#held.set(samples, this.#count);
      this.#count += samples.length;
    }
    return true;
  }

  #handOver() {
    const samples = this.#held.slice(0, this.#count);
    this.#count = 0;
    this.port.postMessage(samples, [samples.buffer]);
  }
});
`;

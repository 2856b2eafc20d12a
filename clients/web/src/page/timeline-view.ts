import type { PlayerFrame } from "../player/player.js";
import { keyframeRate } from "../turn/continuity.js";
import type { SpeechTrace } from "./speech-trace.js";

/** Smallest jaw opening that fills the curve's height, in radians. */
const smallestJawScale = 0.06;
/** Keyframes that are drawn at once, and those of them behind the playhead: of a long turn a window is shown. */
const windowKeyframes = 60 * keyframeRate;
const windowBehind = 45 * keyframeRate;

/** The turn's waveform, the jaw's curve beneath it, and one playhead through both. */
export class TimelineView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #shown: SpeechTrace | undefined;
  #heardSamples = 0;
  #colors = { speech: "", motion: "", rest: "", head: "" };

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (context === null) {
      throw new Error("The browser draws no canvas.");
    }
    this.#canvas = canvas;
    this.#context = context;
    this.readColors();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.readColors());
  }

  /** Takes the colours of the style sheet. */
  readColors(): void {
    const style = getComputedStyle(this.#canvas);
    const color = (name: string) => style.getPropertyValue(name).trim();
    this.#colors = { speech: color("--speech"), motion: color("--motion"), rest: color("--rest"), head: color("--ink") };
  }

  draw(trace: SpeechTrace | undefined, frame: PlayerFrame): void {
    const { width, height } = this.#fit();
    const context = this.#context;
    context.clearRect(0, 0, width, height);
    const middle = Math.round(height * 0.36);
    const floor = height - 10;
    context.fillStyle = this.#colors.rest;
    context.fillRect(0, middle, width, 1);
    context.fillRect(0, floor, width, 1);
    if (trace === undefined || trace.samples === 0) {
      return;
    }
    // Short turns are not stretched over the whole width: a second keeps a shape that the eye knows.
    const perKeyframe = trace.samplesPerPeak * 2;
    const shown = Math.min(windowKeyframes, Math.max(trace.samples / perKeyframe, keyframeRate * 4));
    const perSample = width / (shown * perKeyframe);
    this.#follow(trace, frame);
    const from = firstShown(trace.samples / perKeyframe, this.#heardSamples / perKeyframe);
    const to = from + windowKeyframes;
    const headX = (this.#heardSamples - from * perKeyframe) * perSample;
    this.#drawSpeech(trace.peaks.slice(from * 2, to * 2), trace.samplesPerPeak * perSample, headX, middle);
    this.#drawMotion(trace.jaws.slice(from, to), perKeyframe * perSample, floor, height * 0.26);
    if (frame.turnId === trace.turnId) {
      context.fillStyle = this.#colors.head;
      context.fillRect(Math.round(headX), 4, 2, height - 8);
    }
  }

  /** How far a turn was heard stays to be seen when it is over. */
  #follow(trace: SpeechTrace, frame: PlayerFrame): void {
    if (frame.turnId === trace.turnId) {
      this.#heardSamples = frame.sample;
    } else if (this.#shown !== trace) {
      this.#heardSamples = 0;
    }
    this.#shown = trace;
  }

  #drawSpeech(peaks: readonly number[], step: number, headX: number, middle: number): void {
    const context = this.#context;
    // At least two pixels a bar: the loudest of what falls into one is drawn.
    const stride = Math.max(1, Math.ceil(2 / step));
    for (let i = 0; i < peaks.length; i += stride) {
      const loudest = Math.max(0, ...peaks.slice(i, i + stride).filter((peak) => peak !== undefined));
      const x = i * step;
      const half = Math.max(0.75, Math.sqrt(loudest) * (middle - 6));
      context.fillStyle = x < headX ? this.#colors.speech : this.#colors.rest;
      context.fillRect(x, middle - half, Math.max(1, step * stride - 1), half * 2);
    }
  }

  #drawMotion(openings: readonly (number | undefined)[], perKeyframe: number, floor: number, height: number): void {
    const jaws = Array.from(openings, (jaw) => Math.max(0, jaw ?? 0));
    const scale = height / jaws.reduce((max, jaw) => Math.max(max, jaw), smallestJawScale);
    const context = this.#context;
    context.beginPath();
    context.moveTo(0, floor);
    jaws.forEach((jaw, k) => context.lineTo(k * perKeyframe, floor - jaw * scale));
    context.lineTo(Math.max(0, jaws.length - 1) * perKeyframe, floor);
    context.closePath();
    context.globalAlpha = 0.18;
    context.fillStyle = this.#colors.motion;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = this.#colors.motion;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.beginPath();
    jaws.forEach((jaw, k) => context.lineTo(k * perKeyframe, floor - jaw * scale));
    context.stroke();
  }

  /** Matches the canvas to its place and the screen's pixels; the size in CSS pixels. */
  #fit(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }
}

/** First keyframe that is drawn of a turn of so many, by where it is heard. */
function firstShown(keyframes: number, heard: number): number {
  return Math.floor(Math.max(0, Math.min(heard - windowBehind, keyframes - windowKeyframes)));
}

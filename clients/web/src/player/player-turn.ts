import type { Clock } from "../feed/clock.js";
import type { AudioEvent, MotionEvent, TurnSealedEvent, TurnStartedEvent } from "../feed/events.js";
import { createSpeechDecoder } from "../speech/create-decoder.js";
import type { DecodingPlatform } from "../speech/decoding-platform.js";
import { keyframeRate } from "../turn/continuity.js";
import type { ArrivalBuffer } from "./arrival-buffer.js";
import type { AudioOutput } from "./audio-output.js";
import { MotionTrack } from "./motion-track.js";
import { type MotionPace, MotionWait, type WaitingTurn } from "./motion-wait.js";
import { decodePoses, type Pose } from "./pose.js";
import { TurnAudio } from "./turn-audio.js";

/** What a turn shares with the player's others. */
export interface TurnSurroundings {
  readonly clock: Clock;
  readonly platform: DecodingPlatform | undefined;
  readonly buffer: ArrivalBuffer;
  readonly pace: MotionPace;
  readonly maxMotionWaitMs: number;
  onDecoded(turnId: string, firstSample: number, samples: Float32Array): void;
  onProblem(turnId: string, message: string): void;
}

/** A turn in the player: its media by their places on the turn's timeline, and where that lies on the audio clock. */
export class PlayerTurn {
  readonly id: string;
  readonly ordinal: number;
  readonly sampleRate: number;
  readonly audioEncoding: TurnStartedEvent["audioEncoding"];
  /** Set by a gap that may have swallowed the turn's end. */
  endMayBeLost = false;
  readonly #surroundings: TurnSurroundings;
  readonly #audio: TurnAudio;
  readonly #motion = new MotionTrack();
  readonly #wait: MotionWait;
  #output: AudioOutput | undefined;
  /** When its first piece came, and the first of those that have been heard without a break. */
  #firstAt: number | undefined;
  #restartedAt = 0;
  #ended = false;
  #isMotionComplete = false;
  #isMotionLost = false;
  #underruns = 0;
  #worstSkewMs = 0;

  constructor(event: TurnStartedEvent, surroundings: TurnSurroundings) {
    this.id = event.turnId;
    this.ordinal = event.ordinal;
    this.sampleRate = event.sampleRate;
    this.audioEncoding = event.audioEncoding;
    this.#surroundings = surroundings;
    const { clock, platform, pace, maxMotionWaitMs } = surroundings;
    this.#wait = new MotionWait(pace, event.paced ? 0 : maxMotionWaitMs);
    this.#audio = new TurnAudio(
      this.sampleRate,
      (sink) => createSpeechDecoder(event, sink, clock, platform),
      (firstSample, samples) => surroundings.onDecoded(this.id, firstSample, samples),
      (message) => surroundings.onProblem(this.id, message),
    );
  }

  get begun(): boolean {
    return this.#output !== undefined;
  }

  /** Nothing more comes of it. */
  get ended(): boolean {
    return this.#ended;
  }

  get paused(): boolean {
    return this.#audio.isPaused;
  }

  /** Bytes held of it that wait for their time. */
  get heldBytes(): number {
    return this.#audio.encodedBytes + this.#motion.bytes;
  }

  /** Up to where its speech has come, and has been given to the audio device; samples. */
  get receivedTo(): number {
    return this.#audio.receivedTo;
  }

  get placedTo(): number {
    return this.#audio.placedTo;
  }

  /** Times that its speech ran dry before its end. */
  get underruns(): number {
    return this.#underruns;
  }

  /** The greatest distance of picture from sound, in either direction, with its sign. */
  get worstSkewMs(): number {
    return this.#worstSkewMs;
  }

  get motionWaitMs(): number {
    return this.#wait.usedMs(this.#surroundings.clock.now());
  }

  addAudio(audio: AudioEvent): void {
    const ranDry = this.#ranDry();
    if (this.#ended || !this.#audio.add(audio)) {
      return;
    }
    const { buffer, clock } = this.#surroundings;
    const now = clock.now();
    const placeMs = (audio.firstSample * 1000) / this.sampleRate;
    this.#wait.speechCame(now);
    if (ranDry) {
      // This piece tells how late it is; from it on lateness is counted anew.
      buffer.arrived(now, placeMs);
      this.#underruns++;
    }
    if (ranDry || this.#firstAt === undefined) {
      buffer.restart();
      this.#firstAt ??= now;
      this.#restartedAt = now;
    }
    buffer.arrived(now, placeMs);
  }

  addMotion(motion: MotionEvent): void {
    this.#motion.add(motion.firstKeyframe, decodePoses(motion.envelope));
    this.#isMotionComplete ||= motion.last;
    const fromMs = (motion.firstKeyframe * 1000) / keyframeRate - this.#baseMs;
    this.#wait.motionCame(this.#waiting(), fromMs);
  }

  /** All its media is here. */
  seal(sealed: Pick<TurnSealedEvent, "keyframeCount">): void {
    this.#audio.complete();
    this.#isMotionComplete ||= this.#motion.end >= sealed.keyframeCount;
    this.#wait.giveUp(this.#surroundings.clock.now());
  }

  /** The rest of its motion is left out for this viewer: speech does not wait for it, and the face comes to rest. */
  loseMotion(): void {
    this.#isMotionLost = true;
    this.#wait.giveUp(this.#surroundings.clock.now());
  }

  /** Nothing more comes of it; what is here is played out. */
  end(): void {
    this.#ended = true;
    this.#audio.complete();
    this.#wait.giveUp(this.#surroundings.clock.now());
    this.setPaused(false);
  }

  /** It is this turn's go. */
  begin(output: AudioOutput, onVoiceEnded: () => void): void {
    this.#output = output;
    this.#audio.begin(output, onVoiceEnded);
  }

  /** Does what is due; the milliseconds until there is something to do again, if nothing happens before. */
  pump(): number | undefined {
    const output = this.#output;
    if (output === undefined) {
      return undefined;
    }
    const waiting = this.#waiting();
    const limitMs = this.#wait.limitMs(waiting);
    const limit = Math.round(((limitMs + this.#baseMs) * this.sampleRate) / 1000);
    const collectSeconds = this.#audio.pump(limit, output.now + this.#bufferLeftMs / 1000);
    this.#motion.forgetBefore(this.#keyframeAt(this.sampleAt(output.heardAt)) - keyframeRate);
    const due = [this.#wait.leftMs(waiting), (collectSeconds ?? 0) * 1000];
    if (Number.isFinite(limitMs) && output.isRunning) {
      // A wait within speech counts from when nothing is left to be heard.
      due.push((this.#audio.endsAt - output.now) * 1000);
    }
    const dueMs = Math.ceil(Math.min(...due.filter((ms) => ms > 0)));
    return Number.isFinite(dueMs) ? dueMs : undefined;
  }

  /** Silences it for good. */
  stop(): void {
    this.#audio.stop();
  }

  /** It is over or stopped: what it taught of the motion's pace is kept. */
  learn(): void {
    this.#surroundings.pace.learn(this.#wait.delayMs);
  }

  setPaused(paused: boolean): void {
    if (paused && this.begun) {
      this.#audio.pause();
    } else {
      this.#audio.resume();
    }
  }

  /** Leaves out speech that waits until so few bytes are held; the milliseconds left out. */
  leap(bytes: number): number {
    return (this.#audio.leap(Math.max(0, bytes - this.#motion.bytes)) * 1000) / this.sampleRate;
  }

  /** Sample that is heard at a time of the audio clock. */
  sampleAt(time: number): number {
    return this.#audio.sampleAt(time);
  }

  isSounding(time: number): boolean {
    return this.#audio.isSounding(time);
  }

  /** When its last sample of those here has been played. */
  get endsAt(): number {
    return this.#audio.endsAt;
  }

  /** True when all of it has been played, and no more comes. */
  isOver(time: number): boolean {
    return this.begun && this.#audio.isOver(time);
  }

  /** How much later its speech is heard than it could have been, had it been played when its first piece came. */
  lagMsAt(time: number): number | undefined {
    if (this.#firstAt === undefined || !this.isSounding(time)) {
      return undefined;
    }
    const heardMs = (this.sampleAt(time) * 1000) / this.sampleRate - this.#baseMs;
    return this.#surroundings.clock.now() - this.#firstAt - heardMs;
  }

  /** What is shown at a sample: the pose, its keyframe, and how far that is from what is heard. */
  pictureAt(sample: number): { pose: Pose | undefined; keyframe: number | undefined; skewMs: number | undefined } {
    const due = this.#keyframeAt(sample);
    const isOver = this.#isMotionLost && due >= this.#motion.end;
    const pose = isOver ? undefined : this.#motion.at(due);
    if (pose === undefined) {
      return { pose, keyframe: undefined, skewMs: undefined };
    }
    // Where motion is late, the last that came is shown; behind the turn's last keyframe nothing is.
    const keyframe = Math.min(due, this.#motion.end - 1);
    const isNoneDue = (this.#isMotionComplete || this.#isMotionLost) && keyframe < due;
    const skewMs = isNoneDue ? 0 : ((keyframe - due) * 1000) / keyframeRate;
    this.#worstSkewMs = Math.abs(skewMs) > Math.abs(this.#worstSkewMs) ? skewMs : this.#worstSkewMs;
    return { pose, keyframe, skewMs };
  }

  #keyframeAt(sample: number): number {
    return (sample * keyframeRate) / this.sampleRate;
  }

  get #baseMs(): number {
    return ((this.#audio.firstSample ?? 0) * 1000) / this.sampleRate;
  }

  /** Of what the buffer wants to wait since the first piece came, what is left. */
  get #bufferLeftMs(): number {
    const { buffer, clock } = this.#surroundings;
    return Math.max(0, this.#restartedAt + buffer.targetMs - clock.now());
  }

  #ranDry(): boolean {
    const output = this.#output;
    const { placedTo, receivedTo, firstSample = 0 } = this.#audio;
    const isAllPlaced = placedTo > firstSample && placedTo >= receivedTo;
    return output !== undefined && isAllPlaced && !this.paused && output.isRunning && this.#audio.isDry(output.now);
  }

  #waiting(): WaitingTurn {
    const toMs = (sample: number) => Math.max(0, (sample * 1000) / this.sampleRate - this.#baseMs);
    return {
      now: this.#surroundings.clock.now(),
      receivedMs: toMs(this.#audio.receivedTo),
      isComplete: this.#audio.isComplete,
      isMotionComplete: this.#isMotionComplete,
      motionMs: Math.max(0, (this.#motion.end * 1000) / keyframeRate - this.#baseMs),
      placedMs: toMs(this.#audio.placedTo),
      isDry: this.#output !== undefined && this.#audio.isDry(this.#output.now),
    };
  }
}

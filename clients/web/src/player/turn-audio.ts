import type { AudioEvent } from "../feed/events.js";
import type { SpeechDecoder, SpeechPiece, SpeechSink } from "../speech/speech-decoder.js";
import type { AudioOutput, AudioVoice } from "./audio-output.js";
import { type Chunk, DecodedSpeech } from "./decoded-speech.js";
import { PlaybackSchedule } from "./playback-schedule.js";

/** Seconds of speech that are decoded before they are heard, and that are given to the audio device. */
const decodedSeconds = 4;
const scheduledSeconds = 3;
/** Seconds of one source at most. Less is collected while more than so many seconds are still to be heard. */
const sourceSeconds = 1;
const comfortSeconds = 1;
/** While the decoder is at work, what it has given is collected until it is due so soon. */
const hurrySeconds = 0.2;
const startHurrySeconds = 0.03;

/**
 * A turn's speech on its way from the feed to the audio device: encoded as it came; decoded a few seconds before it is
 * heard; and given to the device, joined, a little later. Places in samples of the turn, times in seconds of the audio clock.
 */
export class TurnAudio {
  readonly #rate: number;
  readonly #decoder: SpeechDecoder;
  readonly #onDecoded: (firstSample: number, samples: Float32Array) => void;
  readonly #encoded: SpeechPiece[] = [];
  #encodedBytes = 0;
  /** What is decoded and not heard: a pause begins again with it. */
  readonly #speech = new DecodedSpeech();
  #decodingSamples = 0;
  readonly #voices = new Set<AudioVoice>();
  readonly #schedule: PlaybackSchedule;
  #output: AudioOutput | undefined;
  #onVoiceEnded: () => void = () => undefined;
  #firstSample: number | undefined;
  #receivedTo = 0;
  #askedTo = 0;
  #decodedTo = 0;
  #placedTo = 0;
  #complete = false;
  #finished = false;
  #pausedAt: number | undefined;

  /** @param decoder Is given a sink, at once. */
  constructor(
    rate: number,
    createDecoder: (sink: SpeechSink) => SpeechDecoder,
    onDecoded: (firstSample: number, samples: Float32Array) => void,
    onProblem: (message: string) => void,
  ) {
    this.#rate = rate;
    this.#schedule = new PlaybackSchedule(rate);
    this.#onDecoded = onDecoded;
    this.#decoder = createDecoder({
      samples: (firstSample, samples) => this.#decoded(firstSample, samples),
      failed: onProblem,
    });
  }

  /** Place of the first sample that came; undefined before any. */
  get firstSample(): number | undefined {
    return this.#firstSample;
  }

  /** Up to where speech has come, is decoded, and is given to the device. */
  get receivedTo(): number {
    return this.#receivedTo;
  }

  get placedTo(): number {
    return this.#placedTo;
  }

  /** Bytes held that are not decoded yet. What is decoded is bounded by its seconds. */
  get encodedBytes(): number {
    return this.#encodedBytes;
  }

  get isComplete(): boolean {
    return this.#complete;
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Nothing is to be heard any more of what has been given to the device. */
  isDry(time: number): boolean {
    return this.#schedule.isEmpty || time >= this.#schedule.endsAt;
  }

  /** When the last sample given to the device has been played. */
  get endsAt(): number {
    return this.#schedule.endsAt;
  }

  /** Takes a piece; false when it is known already. */
  add(audio: AudioEvent): boolean {
    this.#complete ||= audio.last;
    const { firstSample, sampleCount, data } = audio;
    if (firstSample + sampleCount <= this.#receivedTo || sampleCount <= 0) {
      return false;
    }
    if (this.#firstSample === undefined) {
      this.#firstSample = firstSample;
      this.#askedTo = this.#decodedTo = this.#placedTo = firstSample;
    }
    this.#receivedTo = firstSample + sampleCount;
    this.#encoded.push({ firstSample, sampleCount, data });
    this.#encodedBytes += data.length;
    return true;
  }

  /** No more comes. */
  complete(): void {
    this.#complete = true;
  }

  /** It is this turn's go. */
  begin(output: AudioOutput, onVoiceEnded: () => void): void {
    this.#output = output;
    this.#onVoiceEnded = onVoiceEnded;
  }

  /**
   * Decodes, and gives the device what it should have by now.
   * @param limit Up to where it may be given; what waits for motion is beyond.
   * @param earliest Where speech begins, or goes on after a break: not before this time.
   * @returns Seconds until what is being collected has to be given, if nothing else happens.
   */
  pump(limit: number, earliest: number): number | undefined {
    const output = this.#output;
    if (output === undefined) {
      return undefined;
    }
    const heard = this.sampleAt(output.heardAt);
    this.#speech.forgetBefore(heard);
    this.#decodeAhead();
    while (output.isRunning && !this.isPaused) {
      const ahead = this.#schedule.isEmpty ? 0 : Math.max(0, this.#schedule.endsAt - output.now);
      const next = this.#speech.join(this.#placedTo, limit, sourceSeconds * this.#rate);
      if (next === undefined || ahead >= scheduledSeconds) {
        return undefined;
      }
      const collectSeconds = this.#collectSeconds(next, ahead, earliest - output.now);
      if (collectSeconds > 0) {
        return collectSeconds;
      }
      this.#place(next, output, earliest);
    }
    return undefined;
  }

  /** Silences it for good; whatever is being decoded is thrown away. */
  stop(): void {
    this.#decoder.close();
    this.#encoded.length = 0;
    this.#encodedBytes = 0;
    this.#speech.clear();
    this.#silence();
  }

  pause(): void {
    if (this.#output !== undefined && !this.isPaused) {
      this.#pausedAt = Math.floor(this.sampleAt(this.#output.heardAt));
      this.#placedTo = this.#schedule.isEmpty ? this.#placedTo : this.#pausedAt;
      this.#silence();
      this.#schedule.clear();
    }
  }

  resume(): void {
    this.#pausedAt = undefined;
  }

  /** Leaves out what is not decoded yet until so few bytes are held; the samples that are left out. */
  leap(bytes: number): number {
    let left = 0;
    while (this.#encodedBytes > bytes && this.#encoded.length > 1) {
      const piece = this.#encoded.shift();
      left += piece?.sampleCount ?? 0;
      this.#encodedBytes -= piece?.data.length ?? 0;
    }
    const next = this.#encoded[0]?.firstSample;
    if (left > 0 && next !== undefined && this.#schedule.isEmpty) {
      // Nothing is on its way to be heard: what is decoded is left out as well.
      left += this.#speech.samples;
      this.#speech.clear();
      this.#askedTo = this.#decodedTo = this.#placedTo = next;
      this.#pausedAt = this.isPaused ? next : undefined;
    }
    return left;
  }

  /** Sample that is heard at a time of the audio clock. */
  sampleAt(time: number): number {
    return this.#pausedAt ?? (this.#schedule.isEmpty ? this.#placedTo : this.#schedule.sampleAt(time));
  }

  isSounding(time: number): boolean {
    return !this.isPaused && this.#schedule.isSounding(time);
  }

  /** True when all of it that will come has been played. */
  isOver(time: number): boolean {
    const nothingWaits = this.#encoded.length === 0 && this.#decodedTo >= this.#askedTo && this.#placedTo >= this.#decodedTo;
    return this.#complete && nothingWaits && !this.isPaused && this.isDry(time);
  }

  #decodeAhead(): void {
    while (this.#decodingSamples + this.#speech.samples < decodedSeconds * this.#rate) {
      const piece = this.#encoded.shift();
      if (piece === undefined) {
        break;
      }
      this.#encodedBytes -= piece.data.length;
      this.#askedTo = piece.firstSample + piece.sampleCount;
      this.#decodingSamples += piece.sampleCount;
      this.#decoder.add(piece);
    }
    if (this.#complete && this.#encoded.length === 0 && !this.#finished) {
      this.#finished = true;
      this.#decoder.finish();
    }
  }

  #decoded(firstSample: number, samples: Float32Array<ArrayBuffer>): void {
    this.#decodingSamples -= samples.length;
    const known = Math.max(0, this.#decodedTo - firstSample);
    if (known >= samples.length) {
      return;
    }
    this.#decodedTo = firstSample + samples.length;
    const chunk = { firstSample: firstSample + known, samples: known === 0 ? samples : samples.slice(known) };
    this.#speech.add(chunk);
    this.#onDecoded(chunk.firstSample, chunk.samples);
  }

  /** How long a small piece may wait for more, so that it need not be a source of its own. */
  #collectSeconds(next: Chunk, ahead: number, beginsIn: number): number {
    if (next.samples.length >= Math.floor(sourceSeconds * this.#rate)) {
      return 0;
    }
    if (this.#decodedTo < this.#askedTo) {
      return ahead > 0 ? ahead - hurrySeconds : beginsIn - startHurrySeconds;
    }
    const moreComes = !this.#complete || this.#encoded.length > 0;
    return moreComes ? ahead - comfortSeconds : 0;
  }

  #place({ firstSample, samples }: Chunk, output: AudioOutput, earliest: number): void {
    if (firstSample > this.#placedTo) {
      // What is missing is not waited for: nobody would know what the silence is.
      this.#schedule.leap();
    }
    this.#placedTo = firstSample + samples.length;
    const startsAt = this.#schedule.place(output.now, firstSample, samples.length, earliest);
    const voice = output.play(samples, this.#rate, startsAt, () => {
      this.#voices.delete(voice);
      this.#onVoiceEnded();
    });
    this.#voices.add(voice);
  }

  #silence(): void {
    for (const voice of this.#voices) {
      voice.stop();
    }
    this.#voices.clear();
  }
}

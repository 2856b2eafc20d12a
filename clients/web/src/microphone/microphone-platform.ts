import { captureName } from "./capture-worklet.js";

/** What a microphone needs of the browser. */
export interface MicrophonePlatform {
  openStream(audio: MediaTrackConstraints): Promise<MediaStream>;
  createContext(): AudioContext;
  /** The node of the worklet that the context has loaded. */
  createCapture(context: AudioContext): AudioWorkletNode;
  /** An address for a worklet's text. */
  createUrl(text: string): string;
  revokeUrl(url: string): void;
  /** What Safari decides by whether a page may record. */
  readonly audioSession: { type: string } | undefined;
}

export const browserMicrophone: MicrophonePlatform = {
  async openStream(audio) {
    // Absent where the page is not from https or localhost.
    if (navigator.mediaDevices === undefined) {
      throw new DOMException("A page has a microphone only from https or localhost.", "NotSupportedError");
    }
    return await navigator.mediaDevices.getUserMedia({ audio });
  },
  createContext: () => new AudioContext({ latencyHint: "interactive" }),
  // With an output, which stays silent: some browsers run no node that leads nowhere.
  createCapture: (context) => new AudioWorkletNode(context, captureName, { channelCount: 1, channelCountMode: "explicit" }),
  createUrl: (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" })),
  revokeUrl: (url) => URL.revokeObjectURL(url),
  get audioSession() {
    return (navigator as { audioSession?: { type: string } }).audioSession;
  },
};

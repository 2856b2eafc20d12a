export {
  type AudioOutput,
  type AudioVoice,
  type SoundState,
  WebAudioOutput,
  type WebAudioOutputOptions,
} from "./audio-output.js";
export { Player, type PlayableFeed, type PlayerFrame, type PlayerState } from "./player.js";
export type { PlayerOptions } from "./player-options.js";
export type { PlayerStats } from "./player-stats.js";
export type { PlayerTurn } from "./player-turn.js";
export { decodePoses, type Pose, poseLayout } from "./pose.js";
export type { DecodingPlatform } from "../speech/decoding-platform.js";

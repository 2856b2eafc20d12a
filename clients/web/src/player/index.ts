export { type AudioOutput, type AudioVoice, WebAudioOutput } from "./audio-output.js";
export { Player, type PlayableFeed, type PlayerFrame, type PlayerState } from "./player.js";
export type { PlayerTurn } from "./player-turn.js";
export { decodePoses, type Pose, poseLayout } from "./pose.js";

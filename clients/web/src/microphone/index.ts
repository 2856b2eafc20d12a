export { Microphone, type MicrophoneEnd, type MicrophoneOptions, microphoneRate, startMicrophone } from "./microphone.js";
export { browserMicrophone, type MicrophonePlatform } from "./microphone-platform.js";

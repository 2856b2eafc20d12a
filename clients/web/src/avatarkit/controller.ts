/** What the adapter needs of AvatarKit. `pause` and `resume` are called where they exist. */
export interface AvatarKitController {
  /** Takes audio of the present conversation, or of a new one after its last; returns the conversation's id. */
  yieldAudioData(bytes: Uint8Array, isLast: boolean): string | null | undefined;
  /** Takes Motion Server messages for the audio of a conversation. */
  yieldFramesData(frames: Uint8Array[], conversationId: string): void;
  /** Stops, and throws away what is buffered. */
  interrupt(): void;
  pause?(): void;
  resume?(): void;
}

import type { FeedEvent, FeedEventOf } from "./events.js";

type Listener = (event: FeedEvent) => void;

/** Who listens to a feed. An error that a listener throws stops nobody else. */
export class Listeners {
  readonly #byType = new Map<FeedEvent["type"], Set<Listener>>();
  readonly #first: Listener[];

  /** `first` sees every event, before all others. */
  constructor(first: Listener | undefined) {
    this.#first = first === undefined ? [] : [first];
  }

  add<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    const listeners = this.#byType.get(type) ?? new Set<Listener>();
    this.#byType.set(type, listeners);
    const entry = (event: FeedEvent) => listener(event as FeedEventOf<T>);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  addOnce<T extends FeedEvent["type"]>(type: T, listener: (event: FeedEventOf<T>) => void): () => void {
    const end = this.add<T>(type, (event) => {
      end();
      listener(event);
    });
    return end;
  }

  tell(event: FeedEvent): void {
    for (const listener of [...this.#first, ...(this.#byType.get(event.type) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        // As an event target does: the listener's error is its owner's to see.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

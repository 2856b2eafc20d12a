import type { FeedEvent } from "../feed/events.js";
import { row } from "./dom.js";

/** Rows kept, so that a long session does not fill the page. */
const maxRows = 200;

/** What came over the network, newest first. */
export class InspectorView {
  readonly #body: HTMLTableSectionElement;
  #waiting: HTMLTableRowElement[] = [];

  constructor(body: HTMLTableSectionElement) {
    this.#body = body;
  }

  /** Notes an event; it appears with the next `flush`. */
  add(event: FeedEvent, atMs: number): void {
    const sequence = "sequence" in event ? String(event.sequence) : event.type === "gap" ? gapRange(event) : "";
    const bytes = "bytes" in event ? size(event.bytes) : "";
    const element = row(kind(event), sequence, bytes, `${(atMs / 1000).toFixed(3)} s`);
    element.dataset["kind"] = event.type;
    this.#waiting.push(element);
    this.#waiting.splice(0, this.#waiting.length - maxRows);
  }

  /** Puts what was noted onto the page, at once. */
  flush(): void {
    if (this.#waiting.length === 0) {
      return;
    }
    this.#body.prepend(...this.#waiting.reverse());
    this.#waiting = [];
    while (this.#body.rows.length > maxRows) {
      this.#body.deleteRow(-1);
    }
  }
}

function kind(event: FeedEvent): string {
  const words = event.type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  switch (event.type) {
    case "failure":
      return `${words} ${event.reason}`;
    case "gap":
      return `${words} (${event.reason})`;
    case "turnEnded":
      return `${words} (${event.outcome})`;
    default:
      return words;
  }
}

function gapRange(gap: Extract<FeedEvent, { type: "gap" }>): string {
  return gap.through === undefined ? `${gap.from}–` : `${gap.from}–${gap.through}`;
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`;
}

import type { ViewerMessageEvent } from "../feed/events.js";

/** Who said what. */
export interface Caption {
  readonly role: "viewer" | "avatar";
  readonly text: string;
  /** The turn in which the avatar says it; empty where that is not known. */
  readonly turnId: string;
}

/** Turns whose words are kept. */
const maxTurns = 50;

/** What viewers and the avatar said, by the speaker's messages. */
export class Captions {
  readonly #byTurn = new Map<string, string>();
  #viewer = "";
  #avatar = "";
  #remark = "";
  #isAnswered = true;

  /** What a viewer said that the present turn answers; empty where it answers nothing. */
  get viewer(): string {
    return this.#viewer;
  }

  /** What the speaker had to remark on what was said last; empty where nothing. */
  get remark(): string {
    return this.#remark;
  }

  /** What the avatar says in a turn, else what it said last without saying in which. */
  avatar(turnId: string): string {
    return this.#byTurn.get(turnId) ?? this.#avatar;
  }

  /** A turn begins: the answer to what was said before it, once. */
  turnStarted(): void {
    if (this.#isAnswered) {
      this.#viewer = this.#remark = "";
    }
    this.#isAnswered = true;
  }

  add({ kind, text }: Pick<ViewerMessageEvent, "kind" | "text">): void {
    const caption = kind === "transcript" ? parseTranscript(text) : undefined;
    if (kind === "remark") {
      this.#remark = text;
    } else if (caption === undefined) {
      this.#avatar = text;
    } else if (caption.role === "viewer") {
      this.#viewer = caption.text;
      this.#remark = "";
      this.#isAnswered = false;
    } else if (caption.turnId === "") {
      this.#avatar = caption.text;
    } else {
      this.#keep(caption);
    }
  }

  #keep({ turnId, text }: Caption): void {
    this.#byTurn.set(turnId, text);
    for (const oldest of this.#byTurn.keys()) {
      if (this.#byTurn.size <= maxTurns) {
        break;
      }
      this.#byTurn.delete(oldest);
    }
  }
}

/** Reads `{"role": …, "text": …, "turnId": …}`; undefined for what is not that: it may be a caption as it stands. */
export function parseTranscript(json: string): Caption | undefined {
  try {
    const { role, text, turnId } = JSON.parse(json) as Partial<Record<keyof Caption, unknown>>;
    const isKnown = (role === "viewer" || role === "avatar") && typeof text === "string";
    return isKnown ? { role, text, turnId: typeof turnId === "string" ? turnId : "" } : undefined;
  } catch {
    return undefined;
  }
}

import type { TurnEntry, TurnState } from "./turn-log.js";
import { setText } from "./dom.js";

const stateNames: Record<TurnState, string> = {
  started: "still arriving",
  sealed: "all here",
  completed: "completed",
  interrupted: "interrupted",
  failed: "failed",
  audioOnly: "audio only",
  lost: "lost",
};

/** A turn's state in words. */
export function turnStateName(turn: TurnEntry): string {
  return turn.error === "" ? stateNames[turn.state] : `${stateNames[turn.state]}: ${turn.error}`;
}

/** The list of turns, newest first. */
export class TurnsView {
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #items = new Map<string, { item: HTMLElement; state: HTMLElement; detail: HTMLElement }>();

  constructor(list: HTMLElement, empty: HTMLElement) {
    this.#list = list;
    this.#empty = empty;
  }

  show(turns: readonly TurnEntry[], playingTurnId: string): void {
    this.#empty.hidden = turns.length > 0;
    for (const [id, { item }] of this.#items) {
      if (!turns.some((turn) => turn.id === id)) {
        item.remove();
        this.#items.delete(id);
      }
    }
    for (const turn of turns) {
      this.#showTurn(turn, turn.id === playingTurnId);
    }
  }

  #showTurn(turn: TurnEntry, isPlaying: boolean): void {
    const { item, state, detail } = this.#items.get(turn.id) ?? this.#add(turn);
    item.dataset["state"] = turn.state;
    item.toggleAttribute("data-playing", isPlaying);
    setText(state, isPlaying ? `playing · ${turnStateName(turn)}` : turnStateName(turn));
    const seconds = (turn.samples / turn.sampleRate).toFixed(1);
    const first = turn.firstMotionAt === undefined ? "–" : `${Math.round(turn.firstMotionAt - turn.startedAt)} ms`;
    setText(detail, `${seconds} s · ${turn.keyframes} keyframes · first motion ${first}`);
  }

  #add(turn: TurnEntry) {
    const item = document.createElement("li");
    const title = document.createElement("span");
    const state = document.createElement("span");
    const detail = document.createElement("span");
    title.className = "turn-title";
    title.textContent = `Turn ${turn.ordinal}`;
    state.className = "turn-state";
    detail.className = "turn-detail";
    item.append(title, state, detail);
    this.#list.prepend(item);
    const entry = { item, state, detail };
    this.#items.set(turn.id, entry);
    return entry;
  }
}

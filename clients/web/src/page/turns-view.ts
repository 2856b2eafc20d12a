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

/** How long a turn is, and of one that was cut off how much of that was heard. */
export function turnLength({ state, samples, sampleRate, playedSamples }: TurnEntry): string {
  const seconds = (count: number) => (count / sampleRate).toFixed(1);
  return state === "interrupted" && playedSamples !== undefined
    ? `${seconds(playedSamples)} of ${seconds(Math.max(samples, playedSamples))} s heard`
    : `${seconds(samples)} s`;
}

function firstMotion({ firstMotionAt, startedAt }: TurnEntry): string {
  return `first motion ${firstMotionAt === undefined ? "–" : `${Math.round(firstMotionAt - startedAt)} ms`}`;
}

interface Item {
  readonly item: HTMLElement;
  readonly state: HTMLElement;
  readonly detail: HTMLElement;
  readonly heard: HTMLProgressElement;
}

/** The list of turns, newest first. */
export class TurnsView {
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #items = new Map<string, Item>();

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
    const { item, state, detail, heard } = this.#items.get(turn.id) ?? this.#add(turn);
    item.dataset["state"] = turn.state;
    item.toggleAttribute("data-playing", isPlaying);
    setText(state, isPlaying ? `playing · ${turnStateName(turn)}` : turnStateName(turn));
    const wasCutOff = turn.state === "interrupted" && turn.samples > 0;
    heard.hidden = !wasCutOff;
    heard.value = wasCutOff ? (turn.playedSamples ?? 0) / turn.samples : 0;
    setText(detail, [turnLength(turn), `${turn.keyframes} keyframes`, ...(wasCutOff ? [] : [firstMotion(turn)])].join(" · "));
  }

  #add(turn: TurnEntry): Item {
    const item = document.createElement("li");
    const title = document.createElement("span");
    const state = document.createElement("span");
    const detail = document.createElement("span");
    const heard = document.createElement("progress");
    heard.setAttribute("aria-label", "How much of it was heard");
    title.className = "turn-title";
    title.textContent = `Turn ${turn.ordinal}`;
    state.className = "turn-state";
    detail.className = "turn-detail";
    item.append(title, state, detail, heard);
    this.#list.prepend(item);
    const entry = { item, state, detail, heard };
    this.#items.set(turn.id, entry);
    return entry;
  }
}

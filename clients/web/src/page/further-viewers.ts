import { FaceDriver } from "../face/face-driver.js";
import { FaceView } from "../face/face-view.js";
import type { Feed } from "../feed/feed.js";
import { Player, type PlayerFrame } from "../player/player.js";
import { setText } from "./dom.js";
import { SilentOutput } from "./silent-output.js";

const maxFurther = 2;

/** How a further viewer stands to the one that is heard. */
export interface ViewerStep {
  readonly state: string;
  readonly turnId: string;
  /** How far it is ahead in the same turn, in milliseconds; undefined where they do not both play it. */
  readonly aheadMs: number | undefined;
}

/** Further viewers of the session, each with a feed and a face of its own, in step with the one that is heard or not. */
export class FurtherViewers {
  readonly #list: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #viewers: FurtherViewer[] = [];
  #steps: ViewerStep[] = [];

  /** @param follow Follows the session once more. */
  constructor(list: HTMLElement, button: HTMLButtonElement, follow: () => Feed) {
    this.#list = list;
    this.#button = button;
    button.addEventListener("click", () => this.#add(follow()));
  }

  get steps(): readonly ViewerStep[] {
    return this.#steps;
  }

  draw(heard: PlayerFrame, sampleRate: number, seconds: number): void {
    this.#steps = this.#viewers.map((viewer) => viewer.draw(heard, sampleRate, seconds));
  }

  #add(feed: Feed): void {
    const viewer = new FurtherViewer(feed, this.#viewers.length + 2, () => this.#remove(viewer));
    this.#viewers.push(viewer);
    this.#list.append(viewer.element);
    this.#button.hidden = this.#viewers.length >= maxFurther;
  }

  #remove(viewer: FurtherViewer): void {
    viewer.close();
    this.#viewers.splice(this.#viewers.indexOf(viewer), 1);
    this.#viewers.forEach((other, i) => other.rename(i + 2));
    this.#button.hidden = false;
    this.#button.focus();
  }
}

/** One more viewer. It is not heard: its audio clock is the page's. */
class FurtherViewer {
  readonly element = document.createElement("figure");
  readonly #feed: Feed;
  readonly #player: Player;
  readonly #face = new FaceView();
  readonly #driver = new FaceDriver(false);
  readonly #name = document.createElement("strong");
  readonly #step = document.createElement("span");
  readonly #button = document.createElement("button");

  constructor(feed: Feed, number: number, onRemove: () => void) {
    this.#feed = feed;
    this.#player = new Player(feed, new SilentOutput());
    const words = document.createElement("figcaption");
    this.#step.className = "step";
    this.#button.type = "button";
    this.#button.textContent = "Remove";
    this.#button.addEventListener("click", onRemove);
    words.append(this.#name, this.#step, this.#button);
    this.element.append(this.#face.element, words);
    this.rename(number);
  }

  rename(number: number): void {
    setText(this.#name, `Viewer ${number}`);
    this.#button.setAttribute("aria-label", `Remove viewer ${number}`);
  }

  draw(heard: PlayerFrame, sampleRate: number, seconds: number): ViewerStep {
    const { state, turnId, sample, pose } = this.#player.frame();
    this.#face.show(this.#driver.next(pose, seconds));
    const isTogether = state === "playing" && heard.state === "playing" && turnId === heard.turnId;
    const aheadMs = isTogether ? ((sample - heard.sample) * 1000) / sampleRate : undefined;
    setText(this.#step, stepText(this.#feed, state, aheadMs));
    return { state, turnId, aheadMs };
  }

  close(): void {
    this.#player.dispose();
    this.#feed.close();
    this.element.remove();
  }
}

function stepText(feed: Feed, state: PlayerFrame["state"], aheadMs: number | undefined): string {
  if (feed.state !== "open") {
    return feed.state;
  }
  if (aheadMs === undefined) {
    return state === "playing" ? "in another turn" : state === "idle" ? "waits for speech" : state;
  }
  const ms = Math.round(Math.abs(aheadMs));
  return ms === 0 ? "in step" : `${ms} ms ${aheadMs > 0 ? "ahead" : "behind"}`;
}

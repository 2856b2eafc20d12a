import type { RefusedEvent } from "../feed/events.js";
import type { Feed } from "../feed/feed.js";
import { type Microphone, startMicrophone } from "../microphone/index.js";
import { byId, setText } from "./dom.js";

/** Where the build puts it: the page's policy lets no script be made on the spot. */
const workletUrl = "microphone-worklet.js";

const notPermitted = "Your token lets you watch, not talk: the one who gave it to you can give you one that does.";

/** Speech and text for the one who speaks. */
export class TalkPanel {
  readonly #feed: Feed;
  readonly #button = byId("microphone", HTMLButtonElement);
  readonly #label = byId("microphone-label", HTMLSpanElement);
  readonly #level = byId("level", HTMLMeterElement);
  readonly #text = byId("talk-text", HTMLInputElement);
  readonly #send = byId("talk-send", HTMLButtonElement);
  readonly #note = byId("talk-note", HTMLParagraphElement);
  #hint = "It goes to the one who speaks in this session.";
  #isPermitted = false;
  #isStarting = false;
  #microphone: Microphone | undefined;

  constructor(feed: Feed) {
    this.#feed = feed;
    this.#button.addEventListener("click", () => void this.#toggle());
    byId("talk-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sendText();
    });
    this.permit(false);
  }

  /** What becomes of what is said, for people. */
  set hint(text: string) {
    this.#hint = text;
    this.permit(this.#isPermitted);
  }

  /** Whether the viewer's token permits to talk. */
  permit(isPermitted: boolean): void {
    this.#isPermitted = isPermitted;
    for (const control of [this.#button, this.#text, this.#send]) {
      control.disabled = !isPermitted;
    }
    this.note("");
    if (!isPermitted) {
      void this.#microphone?.stop();
    }
  }

  /** A remark, or the usual hint where there is none. */
  note(text: string): void {
    const usual = this.#feed.state === "open" && !this.#isPermitted ? notPermitted : this.#hint;
    setText(this.#note, text === "" ? usual : text);
  }

  refused({ reason, message }: RefusedEvent): void {
    this.note(reason === "NOT_PERMITTED" ? "Your token does not permit that." : message);
  }

  /** While the avatar is heard the microphone is deaf: it would hear the avatar, and so would the one who answers. */
  hearing(isAvatarHeard: boolean): void {
    const microphone = this.#microphone;
    if (microphone !== undefined && microphone.muted !== isAvatarHeard) {
      microphone.muted = isAvatarHeard;
      setText(this.#label, isAvatarHeard ? "Waiting" : "Stop");
    }
  }

  async #toggle(): Promise<void> {
    if (this.#microphone !== undefined) {
      await this.#microphone.stop();
      return;
    }
    if (this.#isStarting) {
      return;
    }
    this.#isStarting = true;
    try {
      const onLevel = (level: number) => (this.#level.value = level);
      this.#began(await startMicrophone(this.#feed, { workletUrl, onLevel }));
    } catch (error) {
      this.note(microphoneProblem(error));
    } finally {
      this.#isStarting = false;
    }
  }

  #began(microphone: Microphone): void {
    this.#microphone = microphone;
    this.#button.setAttribute("aria-pressed", "true");
    setText(this.#label, "Stop");
    this.note("Listening: a pause ends what you say.");
    void microphone.ended.then((end) => {
      this.#microphone = undefined;
      this.#level.value = 0;
      this.#button.setAttribute("aria-pressed", "false");
      setText(this.#label, "Speak");
      this.note(end === "lost" ? "The microphone is gone." : "");
    });
  }

  #sendText(): void {
    const text = this.#text.value.trim();
    if (text === "") {
      return;
    }
    if (this.#feed.sendText(text)) {
      this.#text.value = "";
      this.note("");
    } else {
      this.note("There is no connection at present: try again in a moment.");
    }
  }
}

function microphoneProblem(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case "NotAllowedError":
      return "The browser does not let this page hear the microphone.";
    case "NotFoundError":
      return "There is no microphone.";
    default:
      return `The microphone cannot be used: ${message}`;
  }
}

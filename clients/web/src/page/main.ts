import { type Demo, findDemo, say } from "./demo.js";
import { byId } from "./dom.js";
import { parseSessionLink, type SessionLink } from "./session-link.js";
import { SessionPage } from "./session-page.js";

/** The relay is where the page came from. */
const base = new URL(".", location.href).href;

void begin();

async function begin(): Promise<void> {
  const link = parseSessionLink(location.hash);
  const page = link && new SessionPage(base, link);
  const demo = await findDemo(base);
  if (link !== undefined && page !== undefined) {
    enter(page, link, demo);
  } else if (demo !== undefined) {
    const entry = { sessionId: demo.sessionId, token: () => nextToken(demo) };
    enter(new SessionPage(base, entry), { ...entry, say: false }, demo);
  } else {
    askForSession();
  }
  // Another link in the same tab is another session.
  addEventListener("hashchange", () => location.reload());
}

/** A demo gives a token to its page whenever that asks. One that was started again has another session. */
async function nextToken({ sessionId }: Demo): Promise<string> {
  const demo = await findDemo(base);
  if (demo === undefined) {
    throw new Error("The demo does not answer.");
  }
  if (demo.sessionId !== sessionId) {
    location.reload();
  }
  return demo.viewerToken;
}

function enter(page: SessionPage, link: Pick<SessionLink, "sessionId" | "say">, demo: Demo | undefined): void {
  page.view.wayBack = demo === undefined ? "Join with another token" : "Join the demo’s session";
  page.view.onJoinAgain(() => {
    history.replaceState(null, "", location.pathname);
    location.reload();
  });
  // Only a relay in demo mode can say something by itself, and only in its own session.
  if (demo !== undefined && demo.sessionId === link.sessionId) {
    offerDemo(page, demo, link.say);
  }
}

function askForSession(): void {
  const form = byId("join", HTMLFormElement);
  const session = byId("join-session", HTMLInputElement);
  form.hidden = false;
  session.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.hidden = true;
    const token = byId("join-token", HTMLInputElement).value.trim();
    const link = { sessionId: session.value.trim(), token, say: false };
    enter(new SessionPage(base, link), link, undefined);
  });
}

function offerDemo(page: SessionPage, demo: Demo, sayAtOnce: boolean): void {
  const button = byId("say", HTMLButtonElement);
  const file = byId("say-file", HTMLInputElement);
  button.hidden = false;
  button.title = `${demo.clip.name}, ${(demo.clip.durationMs / 1000).toFixed(1)} s`;
  byId("say-file-label", HTMLLabelElement).hidden = false;
  const sayAloud = async (wav?: Blob) => {
    page.view.problem("");
    button.disabled = true;
    try {
      await say(base, wav);
    } catch (error) {
      page.view.problem(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  };
  button.addEventListener("click", () => void sayAloud());
  file.addEventListener("change", () => {
    const [wav] = file.files ?? [];
    file.value = "";
    if (wav !== undefined) {
      void sayAloud(wav);
    }
  });
  acceptDrops((wav) => void sayAloud(wav));
  page.offerDemo(sayAtOnce ? undefined : () => void sayAloud());
  if (sayAtOnce) {
    // A feed that never opens is told where the connection stands.
    page.opened.then(() => void sayAloud(), () => undefined);
  }
}

function acceptDrops(take: (wav: File) => void): void {
  const hint = byId("drop", HTMLDivElement);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    hint.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    hint.hidden = event.relatedTarget === null;
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    hint.hidden = true;
    const [wav] = event.dataTransfer?.files ?? [];
    if (wav !== undefined) {
      take(wav);
    }
  });
}

/** What a relay in demo mode offers. */
export interface Demo {
  readonly sessionId: string;
  readonly viewerToken: string;
  readonly clip: { readonly name: string; readonly durationMs: number };
}

/** The relay's demo, or undefined where it has none. */
export async function findDemo(base: string): Promise<Demo | undefined> {
  try {
    const response = await fetch(new URL("demo", base), { headers: { accept: "application/json" } });
    return response.ok && response.status === 200 ? ((await response.json()) as Demo) : undefined;
  } catch {
    // A relay that cannot be asked offers no demo; the feed tells what is wrong with it.
    return undefined;
  }
}

/** Has the bundled clip, or a WAV, said in the demo's session. Throws with a sentence for people. */
export async function say(base: string, wav?: Blob): Promise<void> {
  const body = wav === undefined ? {} : { body: wav, headers: { "content-type": "audio/wav" } };
  const response = await fetch(new URL("demo/say", base), { method: "POST", ...body });
  if (!response.ok) {
    throw new Error(await refusal(response));
  }
}

async function refusal(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  return text !== "" && text.length < 200 && !text.startsWith("<") ? text : `The relay answered ${response.status}.`;
}

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

/** The relay says why as JSON, `{"error": "…"}`. */
async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  return typeof error === "string" ? error : `The relay answered ${response.status}.`;
}

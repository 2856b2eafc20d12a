/** What the page's fragment tells: which session, by which token, and whether to say the clip at once. */
export interface SessionLink {
  readonly sessionId: string;
  readonly token: string;
  readonly say: boolean;
}

/** Reads `#session=…&token=…&say=1`; undefined when the session or the token is missing. */
export function parseSessionLink(fragment: string): SessionLink | undefined {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const sessionId = values.get("session")?.trim();
  const token = values.get("token")?.trim();
  return sessionId && token ? { sessionId, token, say: values.get("say") === "1" } : undefined;
}

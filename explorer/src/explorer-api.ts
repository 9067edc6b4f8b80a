// Asking the server, with errors in its own words.

/** Requests to the server that gave out the page. */
export interface ExplorerApi {
  /** @throws Error with the server's words. */
  get<T>(path: string): Promise<T>;
  /** Asks for something to be done. @throws Error with the server's words. */
  act<T>(path: string, body: unknown): Promise<T>;
  /** The address of a picture or a stream. */
  url(path: string): string;
}

/** @param base of the server's API, e.g. `/api`. @param token what the page shows to be allowed to act. */
export function explorerApi(base: string, token: () => Promise<string>): ExplorerApi {
  const url = (path: string) => `${base}${path}`;
  return {
    url,
    get: async (path) => answerOf(await fetch(url(path))),
    act: async (path, body) =>
      answerOf(
        await fetch(url(path), {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-Gandl-Action": await token() },
          body: JSON.stringify(body),
        }),
      ),
  };
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const text = await response.text();
  throw new Error(errorText(text) ?? `The server answers ${response.status}.`);
}

/** The words of a server's error: `{ error: { what, why, fix } }`, `{ message }` or `{ text }`; null for anything else. */
export function errorText(body: string): string | null {
  try {
    const parsed = JSON.parse(body) as { error?: unknown; message?: unknown; text?: unknown };
    const found = [parsed.message, parsed.text, parsed.error].find((words) => typeof words === "string");
    return (found as string | undefined) ?? null;
  } catch {
    return null;
  }
}

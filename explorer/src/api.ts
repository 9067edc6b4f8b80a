// Asking the server. Answers have the types of src/schema/explorer.ts; a fault carries the server's words.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ApiFault } from "../../src/schema/explorer.ts";

/** What the server said no to, or that it did not answer. */
export class Fault extends Error {
  readonly code: string;
  constructor({ code, message }: ApiFault) {
    super(message);
    this.code = code;
  }
}

/** A path below `/api` from its parts, each made safe. */
export const apiPath = (...parts: readonly (string | number)[]): string =>
  `api/${parts.map((part) => encodeURIComponent(String(part))).join("/")}`;

/** The answer's bytes or text. @throws Fault. */
export async function ask(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Fault({
      code: "unreachable",
      message: "The server does not answer.\n  fix: start `gandl serve` again, then try again.",
    });
  }
  if (response.ok) return response;
  const words = (await response.json().catch(() => null)) as ApiFault | null;
  throw new Fault(words ?? { code: "unknown", message: `The server answered ${response.status}.` });
}

/** The answer as JSON. @throws Fault. */
export async function askJson<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await ask(path, init)).json()) as T;
}

/** What has been asked for: coming, there, or refused. */
export type Answer<T> =
  | { readonly state: "coming" }
  | { readonly state: "there"; readonly value: T }
  | { readonly state: "failed"; readonly error: Error; readonly again: () => void };

/** Asks when `key` changes and forgets answers that come too late. `null` asks nothing. */
export function useAnswer<T>(key: string | null, work: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [held, setHeld] = useState<{ key: string | null; answer: Answer<T> }>({
    key: null,
    answer: { state: "coming" },
  });
  const [attempt, setAttempt] = useState(0);
  // `key` stands for all that `work` depends on. Asked before the frame is painted, not after it: answers that need answers add up.
  useLayoutEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    const again = () => setAttempt(attempt + 1);
    work(stop.signal).then(
      (value) => !stop.signal.aborted && setHeld({ key, answer: { state: "there", value } }),
      (error: Error) => !stop.signal.aborted && setHeld({ key, answer: { state: "failed", error, again } }),
    );
    return () => stop.abort();
  }, [key, attempt]);
  return held.key === key ? held.answer : { state: "coming" };
}

/** The answer before, while the next one is coming: what is shown stays until there is something else to show. */
export function useLast<T>(answer: Answer<T>): Answer<T> {
  const last = useRef(answer);
  if (answer.state !== "coming") last.current = answer;
  return last.current;
}

/** {@link useAnswer} of JSON at a path below `/api`. */
export const useJson = <T>(path: string | null): Answer<T> =>
  useAnswer<T>(path, (signal) => askJson<T>(path!, { signal }));

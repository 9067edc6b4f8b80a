// What every page is given by the shell.
import type { ExplorerApi } from "./explorer-api.ts";

/** A run that the server knows. */
export interface RunEntry {
  readonly id: string;
  readonly name: string;
  /** Kimg of its checkpoints, upwards. */
  readonly checkpoints: readonly number[];
  /** The classes that its networks were told; none for most. */
  readonly classes: readonly string[];
}

/** A page's own part of the address, as text. */
export interface PageState {
  get(key: string): string | null;
  /** Changes some keys; null removes one. Shared addresses show the same view. */
  set(changes: Readonly<Record<string, string | null>>): void;
}

export interface PageProps {
  readonly api: ExplorerApi;
  readonly state: PageState;
}

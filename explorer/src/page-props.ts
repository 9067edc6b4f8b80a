// What pages are given.
import type { Catalogue } from "../../src/schema/explorer.ts";
import type { ExplorerApi } from "./explorer-api.ts";

/** What the frame gives each page; the rest it reads from the address (`route`) and asks of the server (`useJson`). */
export interface FrameProps {
  readonly catalogue: Catalogue;
}

/** A run that the server knows. */
export interface RunEntry {
  readonly id: string;
  readonly name: string;
  /** Kimg of its checkpoints, upwards. */
  readonly checkpoints: readonly number[];
  /** The classes that its networks were told; none for most. */
  readonly classes: readonly string[];
}

/** A stain of a run's images. */
export interface RunStain {
  readonly name: string;
  readonly colour: string;
}

/** A page's own part of the address, as text. */
export interface PageState {
  get(key: string): string | null;
  /** Changes some keys; null removes one. Shared addresses show the same view. */
  set(changes: Readonly<Record<string, string | null>>): void;
}

/** What a page is given that knows neither the frame nor the server's address. */
export interface PageProps {
  readonly api: ExplorerApi;
  readonly state: PageState;
}

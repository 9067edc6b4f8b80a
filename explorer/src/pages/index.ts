// Every page: a file and a line. A page is loaded when it is first opened.
import type { ComponentType } from "preact";
import type { Catalogue } from "../../../src/schema/explorer.ts";

/** What a page is given; the rest it reads from the address (`route`) and asks of the server (`useJson`). */
export interface PageProps {
  readonly catalogue: Catalogue;
}

export interface PageEntry {
  /** Stands in the address. */
  readonly id: string;
  readonly title: string;
  readonly load: () => Promise<ComponentType<PageProps>>;
}

export const PAGES: readonly PageEntry[] = [
  { id: "data", title: "Data", load: async () => (await import("./data-page.tsx")).DataPage },
  { id: "map", title: "Map", load: async () => (await import("./map-page.tsx")).MapPage },
  { id: "training", title: "Training", load: async () => (await import("./action-pages.tsx")).TrainingPage },
  { id: "screen", title: "Screen", load: async () => (await import("./action-pages.tsx")).ScreenPage },
  { id: "generate", title: "Generate", load: async () => (await import("./action-pages.tsx")).GeneratePage },
];

// Every page: a file and a line. The first one comes with the frame; the others are loaded when they are first opened.
import type { ComponentType } from "preact";
import type { FrameProps } from "../page-props.ts";
import { DataPage } from "./data-page.tsx";

export interface PageEntry {
  /** Stands in the address. */
  readonly id: string;
  readonly title: string;
  /** The page, or how to get it. */
  readonly view:
    | { readonly now: ComponentType<FrameProps> }
    | { readonly later: () => Promise<ComponentType<FrameProps>> };
}

export const PAGES: readonly PageEntry[] = [
  { id: "data", title: "Data", view: { now: DataPage } },
  { id: "map", title: "Map", view: { later: async () => (await import("./map-page.tsx")).MapPage } },
  { id: "training", title: "Training", view: { later: async () => (await import("./action-pages.tsx")).TrainingPage } },
  { id: "screen", title: "Screen", view: { later: async () => (await import("./action-pages.tsx")).ScreenPage } },
  { id: "generate", title: "Generate", view: { later: async () => (await import("./action-pages.tsx")).GeneratePage } },
];

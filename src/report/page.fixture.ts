// A rendered report read back as a reader's software would read it, for the tests of this room.
import { parseHTML } from "linkedom";
import type { ReportDocument } from "../schema/index.ts";

/** The little of a DOM element that the tests ask. */
export interface PageElement {
  readonly textContent: string;
  readonly localName: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  closest(selector: string): PageElement | null;
}
/** The page as a document. */
export const parsed = (page: string) => (parseHTML(page) as unknown as { document: PageElement }).document;
/** Every element that fits. */
export const all = (root: PageElement, selector: string) => [...root.querySelectorAll(selector)];
/** Its text, with spaces as a reader sees them. */
export const words = (root: PageElement | null) => (root?.textContent ?? "").replace(/\s+/g, " ").trim();

/** A section of the page. */
export const section = (id: string, root: PageElement): PageElement => root.querySelector(`#${id}`)!;

/** A document with nothing in it. */
export const EMPTY: ReportDocument = {
  title: "Nothing yet",
  createdAt: "2026-01-15T09:30:00.000Z",
  synthetic: false,
  private: false,
  summary: [],
  facts: [],
  stages: [],
  training: [],
  stains: [],
  pictures: [],
  map: null,
  tasks: [],
  truths: [],
  commands: [],
  provenance: {},
  citations: [],
};

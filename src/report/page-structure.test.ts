// That the page is well formed, for screen readers and keyboards too.
import { describe, expect, it } from "vitest";
import { all, parsed, words } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { reportFixture } from "./report.fixture.ts";

const document = parsed(renderReport(reportFixture()));

describe("the structure of the page", () => {
  it("has unique ids, and every reference finds one", () => {
    const ids = all(document, "[id]").map((e) => e.getAttribute("id"));
    expect(new Set(ids).size).toBe(ids.length);
    const references = [
      ...all(document, "a[href^='#']").map((e) => e.getAttribute("href")!.slice(1)),
      ...all(document, "[aria-labelledby]").map((e) => e.getAttribute("aria-labelledby")!),
    ];
    expect(references.filter((reference) => !ids.includes(reference))).toEqual([]);
  });

  it("has one first heading and skips no level", () => {
    const levels = all(document, "h1, h2, h3, h4, h5, h6").map((e) => Number(e.localName[1]));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    levels.forEach((level, i) => {
      expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });

  it("gives every image an alternative text and a size, and every figure a caption", () => {
    const images = all(document, "img");
    expect(images.length).toBe(4);
    for (const image of images) {
      expect(image.getAttribute("alt")).toMatch(/cells/);
      expect([image.getAttribute("width"), image.getAttribute("height")]).toEqual(["2", "3"]);
    }
    expect(all(document, "figure").filter((figure) => !figure.querySelector("figcaption"))).toEqual([]);
  });

  it("gives every table a caption and every heading cell a scope, and lets keyboards scroll it", () => {
    const tables = all(document, "table");
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      expect(words(table.querySelector("caption"))).not.toBe("");
      expect(all(table, "th").filter((cell) => !/^(row|col)$/.test(cell.getAttribute("scope") ?? ""))).toEqual([]);
      expect(all(table, "thead th").length).toBeGreaterThan(0);
      expect(table.closest("[role=region][tabindex='0'][aria-label]")).not.toBeNull();
    }
    const regions = all(document, "[role=region]").map((e) => e.getAttribute("aria-label"));
    expect(new Set(regions).size).toBe(regions.length);
  });

  it("has rows as wide as their table", () => {
    for (const table of all(document, "table")) {
      const widths = all(table, "tr").map((row) => all(row, "th, td").length);
      expect(new Set(widths).size, words(table.querySelector("caption"))).toBe(1);
    }
  });

  it("has landmarks and a way past them", () => {
    for (const landmark of ["header", "nav[aria-label]", "main", "footer"]) {
      expect(all(document, `body > ${landmark}`).length, landmark).toBe(1);
    }
    expect(document.querySelector("body > a.skip")?.getAttribute("href")).toBe("#summary");
    expect(document.querySelector("html")?.getAttribute("lang")).toBe("en");
  });
});

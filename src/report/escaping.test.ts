// Names from the data stay names.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportDocument } from "../schema/index.ts";
import { all, EMPTY, parsed, words } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { reportFixture } from "./report.fixture.ts";

const fixture = reportFixture();

/** Puts `text` wherever a document holds a name or sentence. */
function filledWith(text: string): ReportDocument {
  const replace = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((item) => replace(item, key));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replace(v, k)]));
    }
    const isFixed = ["png", "kind", "verdict", "createdAt"].includes(key);
    return typeof value === "string" && !isFixed ? text : value;
  };
  const small = {
    ...fixture,
    tasks: fixture.tasks.slice(-4),
    map: { ...fixture.map!, points: fixture.map!.points.slice(0, 5) },
  };
  return { ...(replace(small) as ReportDocument), provenance: { [text]: text } };
}

describe("names from the data", () => {
  it("stay names, however much they look like markup", () => {
    const evil = `<script>alert(1)</script>"><img src=x onerror='alert(1)'></style></title>`;
    const hostile = renderReport(filledWith(evil));
    const root = parsed(hostile);
    expect(all(root, "script")).toEqual([]);
    expect(all(root, "[onerror]")).toEqual([]);
    expect(all(root, "img").length).toBe(4);
    expect(hostile.includes("<script")).toBe(false);
    expect(words(root.querySelector("h1"))).toBe(evil);
    expect(words(root.querySelector("caption"))).not.toBe("");
    expect(all(root, ".panel figcaption strong").map(words)).toContain(evil);
  });

  it("stay names, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const root = parsed(
          renderReport({ ...EMPTY, title: text, commands: [text], facts: [{ label: text, value: text }] }),
        );
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are replaced on purpose
        const shown = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd");
        expect(root.querySelector("h1")?.textContent).toBe(shown);
        expect(root.querySelector("dd")?.textContent).toBe(shown);
        expect(all(root, "body *").length).toBe(NODES_OF_SMALL_PAGE);
      }),
      { numRuns: 20 },
    );
  });

  it("cannot load anything through the colour of a stain", () => {
    const stains = [
      { name: "DNA", colour: "#4060ff" },
      { name: "ER", colour: "red;background:url(https://example.org/x.png)" },
    ];
    const swatches = all(parsed(renderReport({ ...EMPTY, stains })), ".swatch").map((e) => e.getAttribute("style"));
    expect(swatches).toEqual(["background:#4060ff"]);
  });
});

const NODES_OF_SMALL_PAGE = all(
  parsed(renderReport({ ...EMPTY, commands: ["a"], facts: [{ label: "a", value: "a" }] })),
  "body *",
).length;

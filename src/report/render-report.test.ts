// What the page says, in full and in want of everything.
import { describe, expect, it } from "vitest";
import { parseWith, ReportDocument } from "../schema/index.ts";
import { all, EMPTY, type PageElement, parsed, section, words } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { reportFixture } from "./report.fixture.ts";

const fixture = reportFixture();
const page = renderReport(fixture);
const document = parsed(page);

describe("the fixture", () => {
  it("is a report document", () => {
    expect(() => parseWith(ReportDocument, fixture, "the fixture", "mend it")).not.toThrow();
  });
});

describe("renderReport", () => {
  it("gives equal bytes for equal documents", () => {
    expect(renderReport(reportFixture()) === page).toBe(true);
  });

  it("is one file: no script, no link to load, and a policy that forbids both", () => {
    expect(all(document, "script, link, iframe, object, embed, form, base")).toEqual([]);
    expect(/url\(|@import|\son\w+=/.exec(page)).toBeNull();
    const addresses = all(document, "[src], [href]").map((e) => e.getAttribute("src") ?? e.getAttribute("href") ?? "");
    expect(addresses.length).toBeGreaterThan(10);
    expect(addresses.filter((address) => !/^(#|data:image\/png;base64,)/.test(address))).toEqual([]);
    const policy = document.querySelector("meta[http-equiv='Content-Security-Policy']")?.getAttribute("content") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src");
  });

  it("leaves no hole where a value was missing", () => {
    expect(words(document.querySelector("body"))).not.toMatch(/undefined|NaN|null|\[object/);
    expect(/="[^"]*(undefined|NaN|\[object)[^"]*"/.exec(page)?.[0]).toBeUndefined();
  });

  it("says what was asked, what came out and what to distrust", () => {
    expect(words(section("summary", document))).toContain("with an AUC of 0.962");
    expect(words(section("results", document))).toContain("The four images of a well are near-duplicates");
    expect(words(section("run", document))).toContain("StyleGAN2, base 2048");
    expect(words(section("run", document))).toContain("6 min 43 s");
    expect(words(section("cite", document))).toContain("BMC Bioinformatics 23:295");
    expect(words(document.querySelector("time"))).toBe("15 January 2026, 09:30 UTC");
  });

  it("puts a banner on synthetic and on private data, and on nothing else", () => {
    const banners = (synthetic: boolean, isPrivate: boolean) =>
      all(parsed(renderReport({ ...EMPTY, synthetic, private: isPrivate })), ".banner").map((e) =>
        words(e).slice(0, 9),
      );
    expect(banners(false, false)).toEqual([]);
    expect(banners(true, false)).toEqual(["Synthetic"]);
    expect(banners(true, true)).toEqual(["Synthetic", "Private d"]);
  });

  it("tells verdicts by word and sign, not by colour alone", () => {
    const verdicts = all(section("truth", document), ".verdict").map(words);
    expect(verdicts).toEqual(fixture.truths.map(({ verdict }) => (verdict === "met" ? "✓ met" : "✗ missed")));
    expect(words(section("truth", document))).toContain("5 of 7 truths met");
  });

  it("sets one table a question, the main encoder first and chance last", () => {
    const tables = all(section("results", document), "article > .pair table");
    expect(tables.length).toBe(3);
    expect(all(section("batch", document), "article > .pair table").length).toBe(1);
    expect(all(tables[0]!, "tbody th").map(words)).toEqual([
      "GAN-DL, 30 kimg",
      "intensity statistics",
      "untrained discriminator",
      "Chance (knowing nothing)",
    ]);
    expect(all(tables[0]!, "thead th").map(words)).toEqual([
      ...["Encoder", "AUC", "balanced accuracy", "accuracy", "Wells", "Images", "Plates"],
    ]);
    expect(words(all(tables[0]!, "tbody tr")[0]!)).toMatch(/^GAN-DL, 30 kimg ?0\.962 ?0\.942–0\.978/);
  });

  it("names a note's encoders only where not all carry it", () => {
    const notes = all(section("results", document), ".notes li").map(words);
    expect(notes).toContain("Brightness differs between plates more than between conditions. (intensity statistics)");
    expect(notes).toContain("The four images of a well are near-duplicates; intervals draw whole wells.");
  });

  it("writes EC50s with intervals, and refusals with their reason, into the panels", () => {
    const panels = all(section("results", document), "article > .panels > .panel").map(words);
    expect(panels.length).toBe(7);
    expect(panels[0]).toMatch(/^Synthestat A ?EC50 0\.12 µM \(95 %: 0\.084–0\.174\)/);
    expect(panels.find((text) => text.startsWith("Inertol E"))).toContain("No EC50: a flat line fits as well");
  });

  it("draws untreated wells at a dose marked 0, left of the smallest", () => {
    const run = fixture.tasks.find((task) => task.task === "dose-response")!;
    const curve = run.results.find((result) => result.kind === "curve")!;
    const untreated = [0.9, 1.1].map((response) => ({ doseUm: 0, response, plate: null }));
    const results = [{ ...curve, points: [...curve.points, ...untreated] }];
    const chart = parsed(renderReport({ ...EMPTY, tasks: [{ ...run, results }] })).querySelector(".panel svg")!;
    const ticks = all(chart, "text").map(words);
    expect(ticks.slice(ticks.indexOf("0"))).toEqual(["0", "0.01", "0.1", "1", "10", "µM"]);
    const drawn = all(chart, "path[transform], circle").length;
    expect(drawn).toBeGreaterThan(curve.points.length);
  });

  it("tells treatments beyond the first two dozen in a table, so that a screen of a thousand still opens", () => {
    const run = fixture.tasks.find((task) => task.task === "dose-response")!;
    const curve = run.results.find((result) => result.kind === "curve")!;
    const results = Array.from({ length: 60 }, (_, i) => ({ ...curve, name: `compound ${i}` }));
    const large = parsed(renderReport({ ...EMPTY, tasks: [{ ...run, results }] }));
    expect(all(large, ".panel").length).toBe(24);
    expect(all(large, "details tbody tr").length).toBe(36);
  });

  it("draws every chart with a name in words", () => {
    const charts = all(document, "svg[role=img]");
    // One a scored question with chance, a curve and encoder, the batch panel, a label of the map, and three of training.
    expect(charts.length).toBe(3 + 14 + 1 + 3 + 3);
    expect(charts.filter((chart) => (chart.getAttribute("aria-label") ?? "").length < 20)).toEqual([]);
    expect(charts[0]!.getAttribute("aria-label")).toContain(
      "GAN-DL, 30 kimg 0.962 (95 % interval 0.942 to 0.978), chance 0.500",
    );
  });

  it("keeps encoders apart whose names begin alike", () => {
    const run = fixture.tasks[0]!;
    const long = "a very long name of an encoder, variant ";
    const tasks = ["1", "2"].map((variant) => ({ ...run, encoder: long + variant }));
    const chart = parsed(renderReport({ ...EMPTY, tasks })).querySelector("article svg[role=img]")!;
    expect(new Set(all(chart, "circle[r='6']").map((dot) => dot.getAttribute("cy"))).size).toBe(2);
  });
});

describe("an empty report", () => {
  const empty = parsed(renderReport(EMPTY));

  it("says of every missing part that it is missing", () => {
    for (const id of [
      "summary",
      "truth",
      "results",
      "encoders",
      "batch",
      "plates",
      "map",
      "pictures",
      "training",
      "run",
      "cite",
    ]) {
      expect(words(section(id, empty).querySelector(".absent")), id).toMatch(/^(No|Nothing|These images) .*\.$/);
    }
  });

  it("keeps the same sections in the same order", () => {
    const ids = (root: PageElement) => all(root, "main > section").map((e) => e.getAttribute("id"));
    expect(ids(empty)).toEqual(ids(document));
  });
});

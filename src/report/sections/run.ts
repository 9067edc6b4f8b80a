// What was run, how long it took and how to run it again.
import type { ReportDocument } from "../../schema/index.ts";
import { figure, formatSeconds } from "../format.ts";
import { type Html, html } from "../html.ts";
import { absent, details, scrollingTable } from "./parts.ts";

/** Facts, stage timings, commands and provenance. */
export function runSection(document: ReportDocument): Html {
  return html`${facts(document.facts)}<h3>Time</h3>${stages(document.stages)}<h3>Make it again</h3>${commands(document.commands)}${provenance(document.provenance)}`;
}

function facts(all: ReportDocument["facts"]): Html {
  if (all.length === 0) return absent("Nothing was recorded about the data set, the run or the encoder.");
  return html`<dl class="facts">${all.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function stages(all: ReportDocument["stages"]): Html {
  if (all.length === 0) return absent("No stage was timed.");
  const total = all.reduce((sum, stage) => sum + stage.seconds, 0);
  const longest = Math.max(...all.map((stage) => stage.seconds), Number.MIN_VALUE);
  const seconds = (value: number) => figure(value, (v) => formatSeconds(v ?? Number.NaN));
  const row = ({ name, seconds: s, imagesPerSecond }: ReportDocument["stages"][number]) =>
    html`<tr><th scope="row">${name}</th><td class="number">${seconds(s)}</td><td class="bar" aria-hidden="true"><span style="width:${((100 * s) / longest).toFixed(1)}%"></span></td><td class="number">${figure(imagesPerSecond)}</td></tr>`;
  return scrollingTable({
    caption: "Seconds and images a second of each stage",
    label: "Time of each stage",
    head: html`<tr><th scope="col">Stage</th><th scope="col" class="number">Time</th><th scope="col"><span class="hidden">Share of the longest stage</span></th><th scope="col" class="number">Images/s</th></tr>`,
    body: [
      ...all.map(row),
      html`<tr class="chance"><th scope="row">Together</th><td class="number">${seconds(total)}</td><td></td><td></td></tr>`,
    ],
  });
}

function commands(all: readonly string[]): Html {
  if (all.length === 0) return absent("No command was recorded.");
  return html`<pre tabindex="0" role="region" aria-label="Commands"><code>${all.join("\n")}</code></pre>`;
}

function provenance(record: ReportDocument["provenance"]): Html {
  const entries = Object.entries(record);
  if (entries.length === 0) return absent("No provenance was recorded.");
  return details(
    "Provenance: versions, device, seed, fingerprint",
    html`<dl class="facts">${entries.map(([label, value]) => html`<div><dt>${label}</dt><dd><code>${value}</code></dd></div>`)}</dl>`,
  );
}

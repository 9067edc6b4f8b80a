// The report in words and tables, for a notebook, a pull request or a wiki.
import type { ReportDocument } from "../schema/index.ts";
import { distrustOf } from "./distrust.ts";
import { formatDate, formatNumber, formatSeconds } from "./format.ts";
import { questionsOf } from "./questions.ts";
import { sureWords } from "./sure-words.ts";
import { type ReportTable, reportTables } from "./tables-of.ts";

/** Longer tables are cut in Markdown; their CSV holds all. */
const MAX_ROWS = 40;

/**
 * A report as GitHub-flavoured Markdown: the summary in words and every table, rounded, at most 40 rows each.
 * @param document borrowed. Text in it is escaped: names cannot become markup.
 * @example
 * ```ts
 * import { renderMarkdown } from "gan-dl/report";
 * const text = renderMarkdown({
 *   title: "A | *screen*", createdAt: "2026-01-01T00:00:00Z", synthetic: true, private: false, summary: ["It ran."],
 *   facts: [], stages: [], training: [], stains: [], pictures: [], map: null, tasks: [], truths: [],
 *   commands: ["gandl demo"], provenance: {}, citations: [],
 * });
 * console.assert(text.startsWith("# A \\| \\*screen\\*\n") && text.includes("Synthetic data."));
 * ```
 */
export function renderMarkdown(document: ReportDocument): string {
  const { synthetic, summary, facts, commands, provenance, citations } = document;
  const distrust = distrustOf(document);
  const seconds = document.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const parts = [
    `# ${inline(document.title)}`,
    `Made by gan-dl on ${formatDate(document.createdAt)}${seconds > 0 ? `, in ${formatSeconds(seconds)}` : ""}.`,
    synthetic && "> **Synthetic data.** Drawn by a program: no figure here says anything about a real cell.",
    document.private && "> **Private data.** Made from images that may not be passed on. Do not share this file.",
    ...listed("What was asked", [...new Set(questionsOf(document).map(({ question }) => question))]),
    ...listed("What came out", summary),
    ...(document.tasks.length > 0 ? listed("How sure", sureWords(document)) : []),
    ...listed("What to distrust", distrust),
    ...reportTables(document).map(tablePart),
    ...listed(
      "What was run",
      facts.map(({ label, value }) => `${label}: ${value}`),
    ),
    commands.length > 0 && `## Make it again\n\n${fenced(commands)}`,
    ...listed(
      "Provenance",
      Object.entries(provenance).map(([label, value]) => `${label}: ${value}`),
    ),
    ...listed("How to cite", citations),
  ];
  return `${parts.filter((part) => part !== false).join("\n\n")}\n`;
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}\n\n${lines.map((line) => `- ${inline(line)}`).join("\n")}`];
}

function tablePart({ id, title, columns, rows }: ReportTable): string {
  const shown = rows.slice(0, MAX_ROWS);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const cell = (value: string | number | null) => (typeof value === "string" ? inline(value) : formatNumber(value));
  const isNumber = columns.map((_, i) => shown.some((row) => typeof row[i] === "number"));
  const body = [
    line(columns.map(inline)),
    line(isNumber.map((right) => (right ? "---:" : "---"))),
    ...shown.map((row) => line(columns.map((_, i) => cell(row[i] ?? null)))),
  ];
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `\n\n${formatNumber(rest)} more rows in \`${id}.csv\`.` : "";
  return `## ${inline(title)}\n\n${body.join("\n")}${more}`;
}

/** Text in one line, with nothing in it that Markdown or HTML would act on. */
function inline(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]|~#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A fence longer than any in the text. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(0, ...lines.flatMap((text) => (text.match(/`+/g) ?? []).map((ticks) => ticks.length)));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}\n${lines.join("\n")}\n${fence}`;
}

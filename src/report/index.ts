// A report's plain data to one self-contained HTML file, to Markdown and CSV, and to every figure it states.
export { tableToCsv } from "./csv.ts";
export { distrustOf } from "./distrust.ts";
export { escapeHtml } from "./html.ts";
export { pngSize } from "./png-size.ts";
export { renderMarkdown } from "./render-markdown.ts";
export { renderReport } from "./render-report.ts";
export { rowName } from "./sections/plates.ts";
export { summaryOf } from "./summary-of.ts";
export { type ReportTable, reportTables } from "./tables-of.ts";

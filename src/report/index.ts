// A report's plain data to one self-contained HTML file, and to every figure it states.
export { pngSize } from "./png-size.ts";
export { renderReport } from "./render-report.ts";
export { summaryOf } from "./summary-of.ts";

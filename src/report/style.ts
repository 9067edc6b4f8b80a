// The style sheet: system fonts only, colours from the theme, one column that prints as it reads.
import { DARK, LIGHT, themeVariables } from "./theme.ts";

const PAGE = `
*{box-sizing:border-box}
html{color-scheme:light dark;scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1152px;padding:40px 24px 64px;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif;overflow-wrap:break-word}
h1,h2,h3,h4{line-height:1.25;font-weight:650;text-wrap:balance}
h1{margin:0 0 4px;font-size:2rem;letter-spacing:-.01em}
h2{margin:0 0 16px;font-size:1.4rem}
h3{margin:32px 0 4px;font-size:1.1rem}
h4{margin:0 0 4px;font-size:.9rem}
p{margin:0 0 10px;max-width:76ch;text-wrap:pretty}
p.wide{max-width:none}
a{color:var(--accent);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:24px;top:8px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.aside,.reading,figcaption,.fit{color:var(--muted);font-size:.875rem}
.absent{color:var(--muted);font-style:italic}
.missing{color:var(--muted)}
.banner{max-width:none;margin:16px 0 0;padding:12px 16px;border-left:4px solid currentColor;background:var(--warn-paper);color:var(--warn-ink)}
nav{margin:24px 0 0;padding:10px 0;border-block:1px solid var(--line)}
nav ol{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none;font-size:.875rem}
nav a{text-decoration:none}
nav a:hover{text-decoration:underline}
section{padding-top:40px}
section+section{margin-top:40px;border-top:1px solid var(--line)}
.lede{font-size:1.15rem;line-height:1.5}
ul{max-width:80ch;padding-left:20px}
li{margin-bottom:6px}
footer{margin-top:48px;padding-top:16px;border-top:1px solid var(--line);color:var(--muted);font-size:.8125rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.875em}
pre{overflow-x:auto;margin:8px 0 16px;padding:12px 16px;background:var(--panel);border-radius:6px}`;

const TABLES = `
.scroll{overflow-x:auto;margin:12px 0 20px}
table{border-collapse:collapse;font-size:.875rem;line-height:1.35;font-variant-numeric:tabular-nums}
caption{padding:0 0 8px;text-align:left;font-weight:600;font-size:1.07em}
caption .aside{font-weight:400}
th,td{padding:7px 18px 7px 0;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th,thead td{border-top:0;border-bottom:1px solid var(--muted);vertical-align:bottom;color:var(--muted);font-weight:600;font-size:.93em}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:400}
th:last-child,td:last-child{padding-right:0}
th:first-child{min-width:11rem}
.words{min-width:15rem}
.number{text-align:right}
td.number:not(.name){white-space:nowrap}
td.name{min-width:7rem}
.interval{display:block;color:var(--muted);font-size:.89em}
tr.main>:not(.count),td.main{font-weight:650}
tr.main .interval,td.main .interval{font-weight:400}
tr.chance>*{color:var(--muted);border-top-color:var(--muted)}
.verdict{white-space:nowrap;font-weight:600}
.met{color:var(--good)}
.missed{color:var(--bad)}
.matrices{display:flex;flex-wrap:wrap;align-items:flex-end;gap:8px 48px}
.matrices .scroll{max-width:100%}
.matrices table{min-width:12rem}
.matrices th,.matrices td,.matrices th:last-child,.matrices td:last-child{padding:7px 12px}
.matrices th:first-child{min-width:0;padding-left:0}
.matrices td[style]{background:color-mix(in srgb,var(--tint) calc(var(--share)*100%),transparent)}
.matrices td[style] .interval{color:inherit}
.matrices .right{font-weight:650}
@media (max-width:1000px){table{font-size:.8125rem}th,td{padding-right:10px}th:first-child{min-width:7rem}.words{min-width:0}}
.bar{min-width:160px;vertical-align:middle}
.bar span{display:block;height:8px;min-width:1px;border-radius:2px;background:var(--accent);-webkit-print-color-adjust:exact;print-color-adjust:exact}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:12px 24px;margin:0 0 16px}
.facts div{min-width:0}
.facts dt{color:var(--muted);font-size:.8125rem}
.facts dd{margin:0}`;

const FIGURES = `
figure{margin:12px 0 20px}
figcaption strong{color:var(--ink)}
.plot{display:block;max-width:100%;height:auto;color:var(--ink);overflow:visible}
.plot text,.plot tspan{white-space:pre}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:24px 20px;margin:12px 0 20px}
.panels.three{grid-template-columns:repeat(auto-fill,minmax(300px,1fr))}
.pair{display:flex;flex-wrap:wrap;align-items:flex-end;gap:0 32px}
.pair .scroll{flex:0 1 auto;max-width:100%}
.pair figure{flex:1 1 340px;max-width:440px}
.panel{display:flex;flex-direction:column;margin:0;break-inside:avoid}
.panels:not(.three) figcaption{flex:1}
.panel figcaption{margin-bottom:6px}
.panel figcaption strong{display:block;font-size:.9375rem}
.panel figcaption span{display:inline}
.panel .fit{margin:4px 0 0;font-size:.8125rem}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;max-width:none;margin:8px 0;padding:0;list-style:none;font-size:.8125rem;color:var(--muted)}
.legend li{display:flex;align-items:center;gap:6px;margin:0;min-width:0}
.legend li>span:last-child{min-width:0;overflow-wrap:anywhere}
.legend svg{flex:none}
.swatch{flex:none;width:12px;height:12px;border-radius:2px;border:1px solid var(--muted);print-color-adjust:exact}
.panels.plates{grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}
.plate{width:100%}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:20px;margin:12px 0 20px}
.pictures figure{margin:0;max-width:640px;break-inside:avoid}
.pictures img{display:block;width:100%;height:auto;border-radius:4px;background:#000;margin-bottom:8px}
.pictures .rowed{display:grid;grid-template-columns:auto minmax(0,1fr);column-gap:8px}
.pictures .rows{display:grid;grid-auto-rows:minmax(0,1fr);align-items:center;max-width:7.5rem;margin:0 0 8px;padding:0;list-style:none;color:var(--muted);font-size:.75rem;line-height:1.2}
.pictures .rows li{margin:0;overflow-wrap:anywhere}
.pictures .rowed figcaption{grid-column:2}
.pictures .small{image-rendering:pixelated}
.notes{margin:16px 0 0;padding:12px 16px;background:var(--panel);border-radius:6px;font-size:.875rem;break-inside:avoid}
.notes ul{margin:0;max-width:none}
details{margin:8px 0 16px}
summary{cursor:pointer;color:var(--accent);font-size:.875rem}`;

const PRINT = `
@page{margin:16mm 14mm}
@media print{
body{max-width:none;padding:0;font-size:9.5pt}
nav,.skip{display:none}
.scroll{overflow:visible}
section{padding-top:20px}
section+section{margin-top:20px}
h2,h3,h4,caption,.legend,thead{break-after:avoid}
.pictures,article>.matrices,.legend{break-inside:avoid}
details::details-content{break-before:avoid}
p,tr,figure,.banner,.facts div{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto}
a{color:inherit;text-decoration:none}
.panels,.panels.three,.panels.plates{display:block;line-height:0}
.panels .panel{display:inline-flex;width:31.5%;margin:0 1.8% 12px 0;vertical-align:top;line-height:1.4}
table{break-inside:avoid;font-size:8pt}
th,td{padding:4px 9px 4px 0}
th:first-child,.words{min-width:0}
h3+.aside,.reading{break-after:avoid}
.lede{font-size:11.5pt}
summary{color:inherit;list-style:none;break-after:avoid}
.pair{display:block}
.plot path,.plot rect,.legend rect,.matrices td[style],.banner,.notes,pre{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;

/** The whole style sheet of a report. */
export const STYLE = `:root{${themeVariables(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{${themeVariables(DARK)}}}${PAGE}${TABLES}${FIGURES}${PRINT}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;

import { figureSheet } from "../plot/palette.ts";

/** The style sheet of a page. Colours are variables here, since what reads a page knows style sheets. */
export const pageSheet = `
:root{color-scheme:light dark;--paper:#fff;--soft:#f5f7f9;--line:#d9dfe5;--ink:#1f2328;--quiet:#57606a;--link:#0b57a0;
--pass:#0b61a4;--fail:#a83a09;--undecided:#7b5900;--mark:#eef5fc}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--soft:#1b2026;--line:#333b44;--ink:#e8ecf0;
--quiet:#a3adb7;--link:#7fbdf7;--pass:#6cb6f5;--fail:#f5956b;--undecided:#e3b341;--mark:#1b2a3a}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,nav ul{max-width:1080px;margin:0 auto;padding:0 24px}
a{color:var(--link)}
nav{border-bottom:1px solid var(--line);background:var(--soft);font-size:14px}
nav ul{display:flex;flex-wrap:wrap;gap:2px 20px;list-style:none;padding-top:10px;padding-bottom:10px}
nav a{text-decoration:none;padding:4px 0;display:inline-block}
nav a:hover,nav a:focus{text-decoration:underline}
header{padding:44px 0 8px}
.kicker{margin:0;color:var(--quiet);font-size:15px;letter-spacing:.02em;overflow-wrap:anywhere}
h1{margin:2px 0 8px;font-size:44px;line-height:1.15;font-weight:700;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{margin:0 0 14px;font-size:23px;line-height:1.3;font-weight:650}
section{padding:34px 0 6px;margin-top:34px;border-top:1px solid var(--line)}
p{margin:0 0 12px;max-width:76ch;overflow-wrap:anywhere}
.lead{font-size:20px;line-height:1.45;max-width:64ch}
.badge{display:inline-block;vertical-align:middle;margin-left:6px;padding:3px 12px;border:1.5px solid currentColor;border-radius:99px;font-size:15px;font-weight:600;letter-spacing:0;line-height:1.5}
.pass,.verdict.pass{color:var(--pass)}.fail,.verdict.fail,.verdict.error{color:var(--fail)}
.undecided,.verdict.undecided{color:var(--undecided)}.verdict.not_tested,.quiet{color:var(--quiet)}
.verdict{font-weight:600;white-space:nowrap}
.warning{border:2px solid var(--undecided);border-radius:8px;padding:12px 16px;max-width:none}
.warning strong{color:var(--undecided)}
.facts{display:flex;flex-wrap:wrap;gap:1px;margin:26px 0 20px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.facts div{flex:1 1 150px;background:var(--paper);padding:14px 16px}
.facts dt{color:var(--quiet);font-size:13.5px;overflow-wrap:anywhere}
.facts dd{margin:2px 0 0;font-size:23px;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums}
.facts small{display:block;margin-top:3px;color:var(--quiet);font-size:13px;font-weight:400;line-height:1.35}
.meter{display:block;width:100%;height:6px;margin:7px 0 5px;border-radius:3px}
.meter .track{fill:var(--line)}.meter .fill{fill:var(--pass)}
.file{font-size:14px}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{overflow-wrap:anywhere}
pre{margin:4px 0 12px;padding:10px 12px;background:var(--soft);border-radius:6px;overflow-x:auto}
.digest{font-size:12px;color:var(--quiet)}td .digest{white-space:nowrap}
figure{margin:0 0 18px}.grid figure{max-width:520px}
figcaption{margin-top:8px;color:var(--quiet);font-size:14px;line-height:1.5;max-width:86ch;overflow-wrap:anywhere}
.figure{display:block;width:100%;height:auto}
.narrow{display:none}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:22px 36px;align-items:start;margin-bottom:18px}
.scroll{overflow-x:auto;margin:0 0 18px}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);font-size:14px;padding:0 0 6px}
th,td{padding:7px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:baseline}
th:first-child,td:first-child{padding-left:8px}
thead th{font-weight:600;vertical-align:bottom;white-space:nowrap}
thead small{display:block;color:var(--quiet);font-size:11.5px;font-weight:400}
tbody th{font-weight:500;min-width:6em;overflow-wrap:anywhere}
.right{text-align:right;white-space:nowrap}
.marked th,.marked td{background:var(--mark);font-weight:650}
.marked th{box-shadow:inset 3px 0 var(--pass)}
data{cursor:help}
details{margin:0 0 18px}
summary{cursor:pointer;padding:6px 0}
.origins div{display:grid;grid-template-columns:8em 1fr;gap:4px 16px;padding:8px 0;border-bottom:1px solid var(--line)}
.origins dt{font-weight:600}.origins dd{margin:0}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.timeline{min-width:640px;font-size:12.5px}.timeline text{fill:var(--ink)}.timeline .soft{fill:var(--quiet)}.grid-line{stroke:var(--line)}
.timeline .done{fill:var(--pass)}.timeline .failed{fill:var(--fail)}.timeline .hit{fill:var(--paper);stroke:var(--pass);stroke-width:1.6}
.timeline .cross{stroke:var(--fail);stroke-width:2;fill:none}
@media (max-width:640px){main,nav ul{padding-left:16px;padding-right:16px}header{padding-top:26px}h1{font-size:32px}.lead{font-size:18px}
.facts div{flex-basis:40%}.facts dd{font-size:19px}.wide{display:none}.narrow{display:block}.origins div{grid-template-columns:1fr}}
@media print{nav{display:none}body{font-size:11pt}section{break-inside:auto;padding-top:16px;margin-top:16px}figure,tr{break-inside:avoid}.scroll{overflow:visible}
details::details-content{content-visibility:visible}h2{break-after:avoid}table{font-size:9pt}th,td{padding:3px 5px}}
${figureSheet}`;

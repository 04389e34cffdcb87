/** No font, image or sheet from anywhere: the page is one answer. Colours hold 4.5:1 in light and in dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1b1f24; --quiet: #57606a; --page: #f6f7f9; --card: #ffffff; --line: #d5dae0; --link: #0a58ca;
  --damage: #b3161b; --damage-soft: #fdeaea; --warning: #7d5200; --warning-soft: #fdf3dc;
  --sound: #17692f; --sound-soft: #e5f5e9; --plain: #414a54; --plain-soft: #eaedf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e3e7ec; --quiet: #a2abb6; --page: #13161a; --card: #1c2127; --line: #353c45; --link: #7db3ff;
    --damage: #ff9a97; --damage-soft: #47191b; --warning: #f0c264; --warning-soft: #3d2f0c;
    --sound: #7bd493; --sound-soft: #14351e; --plain: #c3cad3; --plain-soft: #2c333b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 84rem;
  font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
}
a { color: var(--link); }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 0; font-size: 1.2rem; overflow-wrap: anywhere; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
[hidden] { display: none !important; }
.quiet, .age { color: var(--quiet); }
.top { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; justify-content: space-between; }
#toolbar { position: sticky; top: 0; z-index: 1; padding: 0.75rem 0; background: var(--page); }
#toolbar label { font-weight: 600; margin-right: 0.5rem; }
#filter {
  width: min(26rem, 100%); padding: 0.4rem 0.6rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 0.4rem;
}
#shown { margin-left: 0.75rem; color: var(--quiet); }
.card { margin-top: 1rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; }
.head { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.badge {
  display: inline-block; padding: 0.05rem 0.55rem; border-radius: 1rem; font-size: 0.85rem; font-weight: 600;
  color: var(--plain); background: var(--plain-soft);
}
.badge.damage { color: var(--damage); background: var(--damage-soft); }
.badge.warning { color: var(--warning); background: var(--warning-soft); }
.badge.sound { color: var(--sound); background: var(--sound-soft); }
.verdict { margin: 0.5rem 0 0; }
.notice { margin: 0.75rem 0 0; padding: 0.5rem 0.75rem; border-left: 4px solid var(--warning); background: var(--warning-soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.75rem 1.5rem; margin: 1rem 0 0; }
dt { font-size: 0.85rem; color: var(--quiet); }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th { text-align: left; font-size: 0.85rem; color: var(--quiet); border-bottom: 2px solid var(--line); padding: 0.35rem 0.6rem; }
td { vertical-align: top; padding: 0.6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
tbody tr:last-child td { border-bottom: 0; }
th button {
  display: block; width: 100%; margin: 0; padding: 0; text-align: left; font: inherit; font-weight: 600;
  color: inherit; background: none; border: 0; cursor: pointer;
}
th button::after { content: " \\2195"; opacity: 0.55; }
th[aria-sort="ascending"] button::after { content: " \\2191"; opacity: 1; }
th[aria-sort="descending"] button::after { content: " \\2193"; opacity: 1; }
.what { width: 27%; } .where { width: 30%; } .since { width: 19%; }
time, .age { white-space: nowrap; }
.card > :last-child { margin-bottom: 0; }
code { font: 0.85rem/1.45 ui-monospace, monospace; }
ul { margin: 0; padding: 0; list-style: none; }
td p { margin: 0.25rem 0 0; }
.digest, .detail { font-size: 0.85rem; color: var(--quiet); }
@media (max-width: 46rem) {
  table, thead, tbody, tr, td { display: block; width: 100%; }
  thead tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
  th, .what, .where, .since { width: auto; padding: 0.35rem 0; border: 0; white-space: nowrap; }
  tbody tr { padding: 0.6rem 0; border-top: 1px solid var(--line); }
  td { padding: 0.2rem 0; border: 0; }
  td::before { content: attr(data-label); display: block; font-size: 0.8rem; color: var(--quiet); }
}
@media print { #toolbar { display: none; } .card { border: 0; padding: 0; } }
`;

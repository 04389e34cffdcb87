const DARK = `
  color-scheme: dark;
  --text: #e2e6e8; --quiet: #a0abb1; --page: #11171a; --card: #182024; --line: #2d383d; --link: #79cbd9;
  --accent: #79cbd9; --on-accent: #0d1b1f; --found: #5a4a12;
  --damage: #ff9f99; --damage-soft: #451c1b; --warning: #edc46c; --warning-soft: #3a2d0d;
  --tag: #dcb98a; --tag-soft: #352a1b; --plain: #c2cbd0; --plain-soft: #28333a; --tier: #9bd3dc; --tier-soft: #16343a;
`;

/** No font, image or sheet from anywhere. Colours hold 4.5:1 in light and in dark. */
export const STYLE = `
:root {
  color-scheme: light;
  --text: #1c2326; --quiet: #566167; --page: #f7f6f2; --card: #ffffff; --line: #dcdcd4; --link: #0b5a6a;
  --accent: #0b5a6a; --on-accent: #ffffff; --found: #ffe48a;
  --damage: #a5171b; --damage-soft: #fbe9e7; --warning: #765000; --warning-soft: #fbf0d6;
  --tag: #74491a; --tag-soft: #f6ecdd; --plain: #434d52; --plain-soft: #e9ebe9; --tier: #0b5160; --tier-soft: #dff0f2;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${DARK}} }
:root[data-theme="dark"] {${DARK}}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 66rem; overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); background: var(--page);
}
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 0.06em; }
a:hover { text-decoration-thickness: 0.12em; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0; font-size: 1.35rem; letter-spacing: -0.01em; }
h1 a { color: inherit; text-decoration: none; }
code, pre, kbd { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.2rem; }
main:focus, h2:focus, h3:focus, h4:focus { outline: none; }
[hidden] { display: none !important; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; padding: 0.5rem 1rem; background: var(--card); z-index: 3; }
.skip:focus { left: 1rem; top: 0.5rem; }
.top { display: flex; gap: 1rem; align-items: center; justify-content: space-between; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 2rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
button[aria-pressed="true"] { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
#theme { padding: 0.2rem 0.9rem; font-size: 0.875rem; }
#toolbar { margin: 1rem 0 0; }

.search { position: relative; margin: 0; }
.search label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#search {
  width: 100%; padding: 0.65rem 2.75rem 0.65rem 1rem; font: inherit; font-size: 1.05rem;
  color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 0.6rem;
}
#search::placeholder { color: var(--quiet); opacity: 1; }
#search:focus { outline: 3px solid var(--accent); outline-offset: 0; border-color: transparent; }
kbd { position: absolute; right: 0.9rem; top: 0.8rem; padding: 0 0.5rem; color: var(--quiet); border: 1px solid var(--line); border-radius: 0.3rem; }
#search:focus ~ kbd { display: none; }
.filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; margin-top: 0.75rem; }
.choices { display: flex; flex-wrap: wrap; gap: 0.35rem; align-items: center; }
.label { margin-right: 0.25rem; font-size: 0.8125rem; color: var(--quiet); }
.choice { padding: 0.15rem 0.7rem; font-size: 0.875rem; max-width: 100%; }
.count { font-size: 0.8125em; font-weight: 400; color: var(--quiet); font-variant-numeric: tabular-nums; }
[aria-pressed="true"] .count { color: inherit; }
.slim .filters, .slim #shown { display: none; }
.jump { margin: 1rem 0 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; font-size: 0.9375rem; }
#shown { min-height: 1.4rem; margin: 0.5rem 0 -0.75rem; font-size: 0.875rem; color: var(--quiet); }
.part { margin-top: 1.75rem; }
.part h2 { margin: 0 0 0.6rem; font-size: 1.0625rem; }
.part h2 .badge { margin: 0 0.25rem; vertical-align: 0.1em; }
ul.rows, ul.chips, ul.alerts { margin: 0; padding: 0; list-style: none; }
ul.rows { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; overflow: hidden; }
.rows .item {
  display: grid; grid-template-columns: minmax(0, 15rem) minmax(0, 1fr) auto; gap: 0.15rem 1.25rem; align-items: baseline;
  padding: 0.5rem 1rem; border-top: 1px solid var(--line);
}
.rows .item.wide { grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); }
.rows .item:first-child { border-top: 0; }
.rows .item:hover, .rows .item:focus-within { background: var(--plain-soft); }
.item .name { font-weight: 600; }
.item .name a { text-decoration: none; }
.item .name a:hover { text-decoration: underline; }
.item .said { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.disabled .name a { text-decoration: line-through; color: var(--quiet); }
.rows .item:hover .quiet, .rows .item:focus-within .quiet, .rows .item.disabled:hover .name a { color: var(--text); }
.chips { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.chips a, .lone { display: inline-block; padding: 0.15rem 0.65rem; font-size: 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.4rem; text-decoration: none; }
.chips a:hover { border-color: var(--accent); }
.lone { color: var(--quiet); border-style: dashed; }
.badges { display: inline-flex; flex-wrap: wrap; gap: 0.35rem; margin: 0; }
.badge {
  display: inline-block; padding: 0.05rem 0.55rem; border-radius: 1rem; font-size: 0.78rem; font-weight: 600; line-height: 1.5;
  color: var(--plain); background: var(--plain-soft);
}
.rows .item:hover .badge.disabled, .rows .item:hover .badge.plain { background: var(--card); }
.badge.tier { color: var(--tier); background: var(--tier-soft); }
.badge.tag { color: var(--tag); background: var(--tag-soft); }
.badge.critical { color: var(--damage); background: var(--damage-soft); }
.badge.warning, .badge.planned_merge { color: var(--warning); background: var(--warning-soft); }
article.view { margin-top: 1.75rem; padding: 1.5rem 1.75rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.8rem; }
.crumb { margin: 0 0 0.5rem; font-size: 0.875rem; color: var(--quiet); }
article > h2 { margin: 0 0 0.6rem; font-size: 1.75rem; letter-spacing: -0.015em; }
.lead { max-width: 42rem; margin: 0.75rem 0 0; font-size: 1.125rem; }
.lead:empty, .badges:empty, .said:empty { display: none; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1rem 2rem; margin: 1.25rem 0 0; }
dl:empty { display: none; }
dt { font-size: 0.8125rem; color: var(--quiet); }
dd { margin: 0; }
article > h3, .contents h3 { margin: 2rem 0 0.5rem; font-size: 1.0625rem; }
.alerts li { padding: 0.75rem 0; border-top: 1px solid var(--line); }
.alerts p { margin: 0; max-width: 42rem; }
.contents ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
.contents + .body { margin-top: 1.5rem; padding-top: 0.25rem; border-top: 1px solid var(--line); }
.body { max-width: 46rem; }
.body h2, .body h3 { margin: 2rem 0 0.5rem; font-size: 1.25rem; }
.body h4, .body h5, .body h6 { margin: 1.5rem 0 0.4rem; font-size: 1.0625rem; }
.body p, .body ul, .body ol { margin: 0.75rem 0; }
.body ul, .body ol { padding-left: 1.5rem; }
.body li + li { margin-top: 0.35rem; }
.body blockquote { margin: 1rem 0; padding: 0.1rem 1rem; color: var(--quiet); border-left: 3px solid var(--line); }
.body pre { margin: 0.75rem 0; padding: 0.75rem 1rem; overflow-x: auto; overflow-wrap: normal; background: var(--page); border: 1px solid var(--line); border-radius: 0.5rem; }
.body pre code { font-size: 0.8125rem; }
.body :not(pre) > code, dd code, .said code, .lead code { padding: 0.05em 0.3em; background: var(--plain-soft); border-radius: 0.25rem; }
.rows .item:hover .said code { background: var(--card); }
.body table { display: block; overflow-x: auto; border-collapse: collapse; overflow-wrap: normal; }
.body th, .body td { padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.note { margin-top: 1rem; }
.note > :first-child { margin-top: 0; }
footer { margin-top: 2rem; font-size: 0.875rem; }
::highlight(found) { background-color: var(--found); color: inherit; }
@media (max-width: 44rem) {
  body { padding: 1rem 0.9rem 3rem; }
  .rows .item, .rows .item.wide { grid-template-columns: minmax(0, 1fr); padding: 0.6rem 0.85rem; }
  .choice { padding: 0.3rem 0.8rem; }
  article.view { margin: 1.25rem -0.9rem 0; padding: 1.1rem 0.9rem 1.5rem; border-width: 1px 0; border-radius: 0; }
  article > h2 { font-size: 1.4rem; }
  .body pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  kbd { display: none; }
}
@media (prefers-reduced-motion: no-preference) { button, .chips a { transition: border-color 0.1s; } }
@media print {
  #toolbar, #theme, .skip, .crumb, .contents, .jump { display: none !important; }
  body { max-width: none; padding: 0; color: #000; background: #fff; }
  article.view { margin: 0; padding: 0; border: 0; }
  ul.rows { border: 0; } .item { break-inside: avoid; } .body pre { white-space: pre-wrap; }
  .body a[href^="http"]::after { content: " (" attr(href) ")"; font-size: 0.85em; }
}
`;

/**
 * Views, search, filters, keys and theme. All text stands in the page already: the script shows, hides and moves the
 * focus, and writes no markup.
 */
export const SCRIPT = `(() => {
  const byId = (id) => document.getElementById(id);
  const [toolbar, search, shown, overview, missing, theme, main] =
    ["toolbar", "search", "shown", "overview", "missing", "theme", "main"].map(byId);
  const views = [...document.querySelectorAll("main > .view")];
  const parts = [...document.querySelectorAll(".part")];
  const title = document.title;
  // What cannot be read is not filtered by; the page goes on.
  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };

  const items = [...overview.querySelectorAll(".item")].map((row) => {
    const name = row.querySelector("a, .name, .lone").textContent.toLowerCase();
    // Labels such as "Stack" are on every view, and would find everything.
    const view = row.dataset.of === undefined ? null : byId(row.dataset.of);
    const said = view === null ? [] : [...view.querySelectorAll("dd, .lead, .body, .alerts, .badges")];
    const text = [row, ...said].map((one) => one.textContent.toLowerCase()).join("\\n");
    const { tier, status, tags } = row.dataset;
    const fields = { tier: parse(tier) ?? [], status: parse(status) ?? [], tags: parse(tags) ?? [] };
    return { row, name, text, fields, isService: row.classList.contains("service") };
  });
  const choices = [...document.querySelectorAll(".choice")];

  const wordsOf = () => search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
  const apply = () => {
    const words = wordsOf();
    const chosen = {};
    for (const { dataset, ariaPressed } of choices) {
      if (ariaPressed === "true") (chosen[dataset.field] ??= []).push(parse(dataset.value));
    }
    const filters = Object.entries(chosen);
    let count = 0;
    for (const { row, text, fields, isService } of items) {
      const fits = filters.length === 0 ||
        (isService && filters.every(([field, values]) => values.some((value) => fields[field].includes(value))));
      row.hidden = !(fits && words.every((word) => text.includes(word)));
      if (!row.hidden) count += 1;
    }
    const isNarrow = words.length > 0 || filters.length > 0;
    for (const part of parts) {
      const left = part.querySelectorAll(".item:not([hidden])").length;
      part.hidden = left === 0;
      part.querySelector("h2 > .count").textContent = left;
    }
    for (const note of overview.querySelectorAll(".note, .jump")) note.hidden = isNarrow;
    shown.textContent = !isNarrow ? "" : count === 0 ? "Nothing found. Escape clears the search." : count + " found";
    mark(words);
  };
  const mark = (words) => {
    if (typeof Highlight === "undefined" || !CSS.highlights) return;
    const ranges = [];
    if (words.length > 0) {
      const walker = document.createTreeWalker(overview, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() && ranges.length < 2000) {
        const node = walker.currentNode;
        if (node.parentElement.closest(".item:not([hidden])") === null) continue;
        const text = node.data.toLowerCase();
        if (text.length !== node.data.length) continue;
        for (const word of words) {
          for (let at = text.indexOf(word); at >= 0 && ranges.length < 2000; at = text.indexOf(word, at + word.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            ranges.push(range);
          }
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };
  const clear = () => {
    search.value = "";
    for (const choice of choices) choice.setAttribute("aria-pressed", "false");
    apply();
  };

  const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const encode = (text) => { try { return text.split("/").map(encodeURIComponent).join("/"); } catch { return text; } };
  const find = (address) => {
    const plain = decode(address);
    for (let path = plain; path.lastIndexOf("/") > 0; path = path.slice(0, path.lastIndexOf("/"))) {
      const cut = path.lastIndexOf("/");
      const target = byId(path === plain ? address : path) ?? byId(encode(path)) ??
        byId(encode(path.slice(0, cut)) + path.slice(cut)) ?? byId(path);
      // An anchor that is not there leads to its document.
      if (target !== null && (path === plain || /^.(runbook|post-mortem).[^]/.test(path))) return target;
      if (!/^.(runbook|post-mortem).[^]/.test(path)) return null;
    }
    return null;
  };
  let current = null;
  let scrolled = 0;
  let opened = null;
  const route = () => {
    const address = location.hash.slice(1);
    const isStart = address === "" || address === "/";
    const target = isStart ? overview : (address[0] === "/" ? find(address) : byId(address)) ?? missing;
    const view = target.closest("main > .view") ?? missing;
    const isFirst = current === null;
    if (current === overview && view !== overview) scrolled = scrollY;
    for (const one of views) one.hidden = one !== view;
    current = view;
    byId("address").textContent = decode(address);
    const heading = view === overview ? null : view.querySelector("h2");
    document.title = heading === null ? title : heading.textContent + " · " + title;
    // Room for what was asked for.
    toolbar.classList.toggle("slim", view !== overview);
    if (target !== view) {
      if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
      target.focus({ preventScroll: true });
      target.scrollIntoView();
      return;
    }
    if (view === overview) {
      if (isFirst) return;
      scrollTo(0, scrolled);
      (opened !== null && !opened.closest("[hidden]") ? opened : main).focus({ preventScroll: true });
      return;
    }
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  const links = () => [...overview.querySelectorAll(".item:not([hidden]) a")];
  const rank = (name, words) => name === words ? 0 : name.startsWith(words) ? 1 : name.includes(words) ? 2 : 3;
  const best = () => {
    const words = wordsOf().join(" ");
    const visible = items.filter(({ row }) => !row.hidden && row.querySelector("a") !== null);
    return visible.sort((a, b) => rank(a.name, words) - rank(b.name, words))[0]?.row.querySelector("a") ?? null;
  };
  const toStart = () => { if (current !== overview) location.hash = "#/"; };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isSearch = event.target === search;
    if (event.key === "/" && !isSearch) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape") {
      if (current !== overview && !isSearch) toStart();
      else if (search.value !== "" || choices.some((one) => one.ariaPressed === "true")) clear();
      else search.blur();
      event.preventDefault();
    } else if (event.key === "Enter" && isSearch) {
      const link = search.value.trim() === "" ? null : best();
      if (link !== null) link.click();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && current === overview) {
      const all = links();
      const at = all.indexOf(document.activeElement);
      if (at < 0 && !(isSearch && event.key === "ArrowDown")) return;
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0) search.focus();
      else all[Math.min(next, all.length - 1)]?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link !== null && overview.contains(link)) opened = link;
    if (link === null || !link.matches(".skip")) return;
    // Its fragment is no view.
    event.preventDefault();
    main.focus();
  });
  search.addEventListener("input", () => { toStart(); apply(); });
  for (const choice of choices) {
    choice.addEventListener("click", () => {
      choice.setAttribute("aria-pressed", String(choice.ariaPressed !== "true"));
      toStart();
      apply();
    });
  }

  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  // Storage may be forbidden, above all for files.
  const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const isDark = () => root.dataset.theme === undefined ? prefers.matches : root.dataset.theme === "dark";
  const tell = () => theme.setAttribute("aria-pressed", String(isDark()));
  if (kept() === "dark" || kept() === "light") root.dataset.theme = kept();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch {}
    tell();
  });
  prefers.addEventListener("change", tell);
  tell();

  history.scrollRestoration = "manual";
  addEventListener("hashchange", route);
  toolbar.hidden = false;
  theme.hidden = false;
  apply();
  route();
  // The browser itself scrolls to the fragment once the page is there.
  addEventListener("load", () => requestAnimationFrame(() => { if (location.hash[1] === "/") route(); }));
})();
`;

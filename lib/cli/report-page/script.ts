/**
 * Sorting and filtering. Without it the page is whole, in the report's own order: so the buttons and the filter box
 * come by the script. It reads and orders what is there, and writes no markup.
 */
export const SCRIPT = `(() => {
  const toolbar = document.getElementById("toolbar");
  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const rows = [...document.querySelectorAll("tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      if (!row.hidden) count += 1;
    });
    shown.textContent = words.length === 0 ? "" : count + " of " + rows.length + " rows";
  };
  if (rows.length > 0) {
    toolbar.hidden = false;
    filter.addEventListener("input", apply);
    apply();
  }
  const order = new Intl.Collator(undefined, { numeric: true }).compare;
  const keyOf = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  for (const table of document.querySelectorAll("table")) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      header.replaceChildren(button);
      button.addEventListener("click", () => {
        const isDown = header.getAttribute("aria-sort") === "ascending";
        for (const other of headers) other.removeAttribute("aria-sort");
        header.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        const body = table.tBodies[0];
        const sorted = [...body.rows].sort((a, b) => order(keyOf(a, column), keyOf(b, column)));
        body.append(...(isDown ? sorted.reverse() : sorted));
      });
    });
  }
})();
`;

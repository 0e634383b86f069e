"use strict";
(() => {
  const announce = (text) => { document.getElementById("announce").textContent = text; };

  for (const data of document.querySelectorAll("script[data-chart]")) {
    const box = document.getElementById(data.dataset.chart);
    // ast: expressions are interpreted, as the page forbids itself to evaluate text as code.
    vegaEmbed(box, JSON.parse(data.textContent), { actions: false, renderer: "svg", ast: true })
      .catch((error) => { box.textContent = `This figure cannot be drawn: ${error.message}`; });
  }

  const key = (cell) => {
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  };
  const sort = (table, column, header) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row.cells[column] ?? row.cells[0]), row]);
    // Cells without a number stay last in both directions.
    rows.sort(([a], [b]) => (down && a !== "" && b !== "" ? -1 : 1) * compare(a, b));
    body.append(...rows.map(([, row]) => row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    announce(`Sorted by ${header.textContent}, ${down ? "descending" : "ascending"}.`);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column, header));
      header.append(button);
    });
  }

  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // Where the page has no access to the clipboard: select, and use the older way.
      getSelection().selectAllChildren(source);
      return document.execCommand("copy");
    }
  };
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const done = await copy(document.getElementById(button.dataset.copy));
      button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
      announce(button.textContent);
      setTimeout(() => { button.textContent = "Copy"; }, 2500);
    });
  }

  // While the search runs its page is renewed: it reloads, and its reader stays where they are.
  const reload = document.getElementById("reload");
  if (reload) {
    const every = 60_000, left = JSON.parse(sessionStorage.getItem("left") ?? "{}");
    const details = [...document.querySelectorAll("details")];
    reload.checked = left.reload ?? true;
    for (const number of left.open ?? []) if (details[number]) details[number].open = true;
    if (left.y) setTimeout(() => scrollTo(0, left.y), 500);
    const leave = () => sessionStorage.setItem("left", JSON.stringify({
      reload: reload.checked, y: scrollY,
      open: details.flatMap((found, number) => found.open ? [number] : []),
    }));
    addEventListener("pagehide", leave);
    setInterval(() => { if (reload.checked) location.reload(); }, every);
  }

  // What is folded away would be missing on paper.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("#failures details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();

"use strict";
// The pictures of which a reader chooses what they show.
(() => {
  const source = document.getElementById("trainings");
  if (!source) return;
  const trainings = JSON.parse(source.textContent);
  const chosen = (name) => document.getElementById(`choose-${name}`);
  const group = () => trainings.groups[chosen("group")?.value ?? 0];
  const each = (found, make) => found.value.map((value, row) => make(value, row));

  const place = (name, rows, change) => {
    const specification = JSON.parse(document.getElementById(`picture-${name}`).textContent);
    specification.data = { values: rows };
    change(specification.encoding ?? specification);
    const box = document.getElementById(`chart-${name}`);
    vegaEmbed(box, specification, { actions: false, renderer: "svg", ast: true })
      .catch((error) => { box.textContent = `This figure cannot be drawn: ${error.message}`; });
  };

  const slice = () => {
    const found = group(), number = chosen("slice").value;
    const about = trainings.parameters[number], column = found.parameters[number];
    const at = (row) => column.values ? column.values[row] : about.cells[column.levels[row]];
    const rows = each(found, (y, row) => ({
      x: at(row), y, part: found.part[row], lit: row < found.lit, offset: (row * 0.618) % 1,
    }));
    place("slice", rows.filter(({ x }) => x != null), (encoding) => {
      Object.assign(encoding, about.encoding);
      encoding.y.scale = found.scale;
    });
  };

  const contour = () => {
    const found = group(), numbers = [chosen("contour-x").value, chosen("contour-y").value];
    const [x, y] = numbers.map((number) => ({
      ...trainings.parameters[number], levels: found.parameters[number].levels,
    }));
    const rows = each(found, (value, row) => ({
      x: x.cells[x.levels[row]], y: y.cells[y.levels[row]], value,
    }));
    place("contour", rows.filter((row) => row.x != null && row.y != null), (encoding) => {
      Object.assign(encoding.x, { sort: x.cells, title: x.title });
      Object.assign(encoding.y, { sort: [...y.cells].reverse(), title: y.title });
      if (found.scale.type) encoding.color.scale.type = found.scale.type;
    });
  };

  const numbers = () => {
    const found = group(), names = ["x", "y"].map((axis) => chosen(`number-${axis}`).value);
    const larger = ["x", "y"].map((axis) => chosen(`larger-${axis}`).checked);
    const [across, up] = names.map((name) => found.numbers[name] ?? []);
    let rows = each(found, (_, row) => ({ x: across[row], y: up[row], part: found.part[row] }));
    rows = rows.filter(({ x, y }) => x != null && y != null);
    const cost = (row, axis, index) => (larger[index] ? -1 : 1) * row[axis];
    rows.sort((a, b) => cost(a, "x", 0) - cost(b, "x", 0) || cost(a, "y", 1) - cost(b, "y", 1));
    let best = Infinity;
    for (const row of rows) {
      row.front = cost(row, "y", 1) < best;
      best = Math.min(best, cost(row, "y", 1));
    }
    const wide = (axis) => {
      const values = rows.map((row) => row[axis]), low = Math.min(...values);
      return low > 0 && Math.max(...values) > 10 * low ? { type: "log", nice: false, padding: 8 } : { zero: false, padding: 8 };
    };
    place("numbers", rows, ({ layer }) => {
      for (const { encoding } of layer) {
        Object.assign(encoding.x, { title: names[0], scale: wide("x") });
        Object.assign(encoding.y, { title: names[1], scale: wide("y") });
      }
    });
  };

  const listen = (draw, names) => {
    for (const name of [...names, "group"]) chosen(name)?.addEventListener("change", draw);
    draw();
  };
  const sides = ["x", "y"];
  for (const axis of sides) {
    const number = chosen(`number-${axis}`), larger = chosen(`larger-${axis}`);
    const guess = () => { larger.checked = trainings.larger && number.value === trainings.metric; };
    number.addEventListener("change", guess);
    guess();
  }
  listen(slice, ["slice"]);
  listen(contour, ["contour-x", "contour-y"]);
  listen(numbers, sides.flatMap((axis) => [`number-${axis}`, `larger-${axis}`]));
})();

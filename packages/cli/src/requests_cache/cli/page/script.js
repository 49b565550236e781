"use strict";
// Everything that was stored is put on the page as text: no markup is ever made of it.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (id) => document.getElementById(id);
  const ROW = 28;
  const AHEAD = 12;

  function make(tag, text, attributes) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    return made;
  }

  function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
    return `${unit ? bytes.toPrecision(3) : bytes} ${units[unit]}`;
  }

  function span(seconds) {
    for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
      if (seconds >= length) return `${Math.round(seconds / length)} ${unit}`;
    }
    return `${Math.max(0, Math.round(seconds))} s`;
  }

  const until = (row) => {
    if (row.expires === null) return "never";
    const left = row.expires - data.now;
    return left > 0 ? `in ${span(left)}` : `${span(-left)} ago`;
  };
  const moment = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";

  const rows = data.rows.map(([url, method, status, type, bytes, created, expires, key, detail]) => ({
    url, method, status, type: data.types[type], bytes, created, expires, key, detail,
    text: `${url} ${data.types[type]} ${key} ${method}`.toLowerCase(),
  }));
  const isExpired = (row) => row.expires !== null && row.expires <= data.now;

  const COLUMNS = [
    { name: "Status", width: "5.5rem", of: (row) => row.status, show: (row) => String(row.status), numeric: true },
    { name: "URL", of: (row) => row.url, show: (row) => row.url },
    { name: "Type", width: "11rem", of: (row) => row.type, show: (row) => row.type, wide: true },
    { name: "Size", width: "6.5rem", of: (row) => row.bytes, show: (row) => size(row.bytes), numeric: true },
    { name: "Age", width: "6rem", of: (row) => data.now - row.created, show: (row) => span(data.now - row.created), numeric: true, wide: true },
    { name: "Expires", width: "8rem", of: (row) => (row.expires === null ? Infinity : row.expires), show: until, numeric: true, wide: true },
  ];

  let shown = rows;
  let sorted = { column: null, descending: false };
  let current = 0;

  function choose() {
    const words = element("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = element("status").value;
    const state = element("state").value;
    shown = rows.filter((row) =>
      words.every((word) => row.text.includes(word)) &&
      (!status || String(row.status) === status) &&
      (!state || isExpired(row) === (state === "expired")));
    if (sorted.column !== null) {
      const of = COLUMNS[sorted.column].of;
      const sign = sorted.descending ? -1 : 1;
      shown.sort((one, other) => {
        const [a, b] = [of(one), of(other)];
        return a === b ? 0 : a < b ? -sign : sign;
      });
    }
    current = 0;
    element("scroller").scrollTop = 0;
    const bytes = shown.reduce((sum, row) => sum + row.bytes, 0);
    element("count").textContent = `${shown.length} of ${rows.length} responses, ${size(bytes)}`;
    draw();
  }

  // Only the rows in sight are in the document, so that a hundred thousand stay usable.
  function draw(focus) {
    const scroller = element("scroller");
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - AHEAD);
    const last = Math.min(shown.length, first + Math.ceil(scroller.clientHeight / ROW) + 2 * AHEAD);
    const body = element("rows");
    const hadFocus = body.contains(document.activeElement);
    body.replaceChildren(spacer(first), ...shown.slice(first, last).map((row, i) => line(row, first + i)), spacer(shown.length - last));
    element("table").setAttribute("aria-rowcount", String(shown.length + 1));
    if (focus || hadFocus) body.querySelector(`[data-index="${current}"]`)?.focus({ preventScroll: true });
  }

  function spacer(count) {
    const made = make("tr", null, { class: "spacer", "aria-hidden": "true" });
    const cell = make("td", null, { colspan: String(COLUMNS.length) });
    cell.style.height = `${count * ROW}px`;
    made.append(cell);
    made.hidden = count === 0;
    return made;
  }

  function line(row, index) {
    const made = make("tr", null, {
      tabindex: index === current ? "0" : "-1",
      "data-index": String(index),
      "aria-rowindex": String(index + 2),
    });
    for (const column of COLUMNS) {
      const cell = make("td", column.show(row), { class: `${column.numeric ? "number" : ""} ${column.wide ? "wide" : ""}` });
      if (column.name === "Status") cell.classList.add(`s${Math.floor(row.status / 100)}`);
      if (column.name === "Expires" && isExpired(row)) cell.classList.add("s4");
      if (column.name === "URL") cell.title = row.url;
      made.append(cell);
    }
    return made;
  }

  function go(index) {
    if (!shown.length) return;
    current = Math.max(0, Math.min(shown.length - 1, index));
    const scroller = element("scroller");
    const top = current * ROW;
    const head = element("heading").offsetHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + ROW + head > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW + head - scroller.clientHeight;
    draw(true);
  }

  function open(index) {
    const row = shown[index];
    if (!row) return;
    current = index;
    element("detail-title").textContent = `${row.method} ${row.url}`;
    const body = element("detail-body");
    body.replaceChildren(facts([
      ["Status", `${row.status} ${row.detail ? row.detail.reason : ""}`],
      ["Type", row.type], ["Size", `${size(row.bytes)} (${row.bytes} bytes)`],
      ["Received", moment(row.created)],
      ["Expires", row.expires === null ? "never" : `${moment(row.expires)}, ${until(row)}`],
      ["Key", row.key],
    ]));
    if (row.detail) {
      body.append(make("h2", "Response"), facts(row.detail.headers));
      body.append(make("h2", "Request"), facts(row.detail.request));
      body.append(make("h2", "Body"), preview(row.detail));
    } else {
      body.append(make("p", "Header fields and body are not in this page; see --details.", { class: "faint" }));
    }
    element("detail").showModal();
  }

  function facts(items) {
    const list = make("dl");
    for (const [name, value] of items) list.append(make("dt", name), make("dd", value));
    return list;
  }

  function preview(detail) {
    const box = make("div");
    if (detail.image) {
      box.append(make("img", null, { class: "body", src: detail.image, alt: "The picture that is stored" }));
    } else if (detail.text !== null) {
      box.append(make("pre", detail.text, { tabindex: "0", "aria-label": "Beginning of the body" }));
      if (detail.cut) box.append(make("p", "The rest is not in this page.", { class: "faint" }));
      if (detail.html) box.append(rendered(detail.text));
    } else {
      box.append(make("p", detail.why, { class: "faint" }));
    }
    return box;
  }

  // An empty sandbox runs no script, sends no form and has no origin; the policy of this page holds in it, too.
  function rendered(html) {
    const button = make("button", "Show as a page", { type: "button" });
    button.addEventListener("click", () => {
      const frame = make("iframe", null, { sandbox: "", title: "The stored page, without scripts", referrerpolicy: "no-referrer" });
      frame.srcdoc = html;
      button.replaceWith(frame);
    });
    return button;
  }

  function card(title, groups) {
    const made = make("div", null, { class: "card" });
    made.append(make("h2", title));
    const table = make("table");
    const largest = Math.max(1, ...groups.map(([, count]) => count));
    for (const [name, count, bytes] of groups) {
      const line = make("tr");
      const cell = make("td", null, { class: "bar-cell", "aria-hidden": "true" });
      const fill = make("span", null, { class: "fill" });
      fill.style.width = `${(100 * count) / largest}%`;
      cell.append(fill);
      line.append(make("th", name, { scope: "row" }), cell, make("td", count.toLocaleString("en")), make("td", bytes === null ? "" : size(bytes)));
      table.append(line);
    }
    made.append(table);
    return made;
  }

  function heading() {
    COLUMNS.forEach((column, index) => {
      const cell = make("th", null, { scope: "col", "aria-sort": "none", class: `${column.numeric ? "number" : ""} ${column.wide ? "wide" : ""}` });
      if (column.width) cell.style.width = column.width;
      const button = make("button", column.name, { type: "button" });
      button.addEventListener("click", () => {
        sorted = { column: index, descending: sorted.column === index && !sorted.descending };
        element("heading").querySelectorAll("th").forEach((each, i) => {
          each.setAttribute("aria-sort", i !== index ? "none" : sorted.descending ? "descending" : "ascending");
          each.firstChild.textContent = COLUMNS[i].name + (i !== index ? "" : sorted.descending ? " ↓" : " ↑");
        });
        choose();
      });
      cell.append(button);
      element("heading").append(cell);
    });
  }

  const page = () => Math.max(1, Math.floor(element("scroller").clientHeight / ROW) - 2);
  const MOVES = {
    ArrowDown: () => current + 1, ArrowUp: () => current - 1, PageDown: () => current + page(), PageUp: () => current - page(),
    Home: () => 0, End: () => shown.length - 1,
  };

  element("rows").addEventListener("keydown", (event) => {
    if (MOVES[event.key]) { event.preventDefault(); go(MOVES[event.key]()); }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(current); }
  });
  element("rows").addEventListener("click", (event) => {
    const found = event.target.closest("tr[data-index]");
    if (found) open(Number(found.dataset.index));
  });
  element("scroller").addEventListener("scroll", () => requestAnimationFrame(() => draw()), { passive: true });
  window.addEventListener("resize", () => draw());
  element("close").addEventListener("click", () => element("detail").close());
  element("detail").addEventListener("close", () => { element("detail-body").replaceChildren(); draw(true); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT/.test(event.target.tagName)) { event.preventDefault(); element("search").focus(); }
    if (event.key === "ArrowDown" && event.target === element("search")) { event.preventDefault(); go(0); }
  });
  for (const id of ["search", "status", "state"]) element(id).addEventListener("input", choose);
  element("theme").addEventListener("input", (event) => {
    if (event.target.value) document.documentElement.dataset.theme = event.target.value;
    else delete document.documentElement.dataset.theme;
  });

  element("summary").textContent = data.summary;
  for (const status of [...new Set(rows.map((row) => row.status))].sort()) element("status").append(make("option", status));
  for (const [title, groups] of data.cards) element("totals").append(card(title, groups));
  heading();
  choose();
})();

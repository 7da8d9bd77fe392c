// Wires the page: numbers in the reader's locale, charts drawn and redrawn, the keyboard, the map and its list.
(function () {
  "use strict";

  var data = JSON.parse(document.getElementById("told").textContent);
  var figures = data.figures, words = data.words;
  var locale = (navigator.languages && navigator.languages[0]) || document.documentElement.lang;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var status = document.getElementById("status");
  var printing = false, drawn = [];

  function number(options) {
    return new Intl.NumberFormat(locale, options);
  }

  var whole = number({ maximumFractionDigits: 0 }), cents = number({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  var share = number({ style: "percent", maximumFractionDigits: 1 });
  var precise = number({ maximumSignificantDigits: 4 }), brief = number({ notation: "compact", maximumSignificantDigits: 3 });
  var day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  var month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", timeZone: "UTC" });

  // A value in full; formats as the tables have them.
  function show(value, format) {
    switch (format) {
      case "count": return whole.format(value);
      case "money": return Math.abs(value) >= 1000 ? whole.format(value) : cents.format(value);
      case "percent": return share.format(value);
      case "number": return precise.format(value);
      case "date": return day.format(new Date(value));
      default: return String(value);
    }
  }

  // The same where there is little room.
  function short(value, format) {
    switch (format) {
      case "percent": return number({ style: "percent", maximumFractionDigits: 1 }).format(value);
      case "date": return month.format(new Date(value));
      case "text": return String(value);
      default: return Math.abs(value) >= 10000 ? brief.format(value) : precise.format(value);
    }
  }

  document.querySelectorAll("[data-v]").forEach(function (element) {
    var value = element.dataset.f === "date" ? element.dataset.v : Number(element.dataset.v);
    element.textContent = show(value, element.dataset.f);
  });

  function env(width) {
    return { show: show, short: short, words: words, dark: dark.matches && !printing, width: width, chosen: chosen.cell };
  }

  var chosen = { cell: "" };

  function tip(figure, datum) {
    var list = document.createElement("dl");
    list.className = "tip";
    clivia.describe(figure, datum, env(0)).forEach(function (pair) {
      var term = document.createElement("dt"), value = document.createElement("dd");
      term.textContent = pair[0];
      value.textContent = pair[1];
      list.append(term, value);
    });
    return list;
  }

  function options(one) {
    var option = clivia.option(one.figure, env(one.element.clientWidth));
    option.tooltip.formatter = function (params) {
      var first = Array.isArray(params) ? params[0] : params;
      return tip(one.figure, first && first.data);
    };
    option.tooltip.className = "tooltip";
    return option;
  }

  function draw(one) {
    one.chart.setOption(options(one), true);
    one.places = null;
  }

  figures.forEach(function (figure) {
    var element = document.getElementById("chart-" + figure.id);
    if (!element) { return; }
    var one = { figure: figure, element: element, chart: echarts.init(element, null, { renderer: "svg" }), places: null, at: -1 };
    drawn.push(one);
    draw(one);
    element.dataset.drawn = String(places(one).length);
    element.addEventListener("keydown", function (event) { walk(one, event); });
    element.addEventListener("blur", function () { one.chart.dispatchAction({ type: "hideTip" }); });
  });

  // All data of a chart that say something, in the order in which the keyboard walks them.
  function places(one) {
    if (one.places) { return one.places; }
    one.places = [];
    one.chart.getOption().series.forEach(function (series, seriesIndex) {
      (series.data || []).forEach(function (datum, dataIndex) {
        if (clivia.describe(one.figure, datum, env(0)).length) { one.places.push({ seriesIndex: seriesIndex, dataIndex: dataIndex, datum: datum }); }
      });
    });
    return one.places;
  }

  // Those of the series that the legend shows: nothing can be told beside a point that is not drawn.
  function shown(one) {
    var option = one.chart.getOption(), legend = (option.legend || [])[0] || {}, selected = legend.selected || {};
    return places(one).filter(function (place) { return selected[option.series[place.seriesIndex].name] !== false; });
  }

  function walk(one, event) {
    var all = shown(one), steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key === "Escape") { one.chart.dispatchAction({ type: "hideTip" }); return; }
    if (event.key === "Home") { one.at = 0; }
    else if (event.key === "End") { one.at = all.length - 1; }
    else if (steps[event.key]) { one.at = (one.at + steps[event.key] + all.length) % all.length; }
    else if (event.key === "Enter" && all[one.at]) {
      var cell = clivia.cellOf(one.figure, all[one.at].datum);
      if (cell) { toggle(cell); }
      return;
    }
    else { return; }
    event.preventDefault();
    var place = all[one.at];
    if (!place) { return; }
    one.chart.dispatchAction({ type: "showTip", seriesIndex: place.seriesIndex, dataIndex: place.dataIndex });
    status.textContent = clivia.describe(one.figure, place.datum, env(0)).map(function (pair) { return pair.join(": "); }).join(", ");
  }

  // The map's cells: one is chosen by a click, by Enter, or by the list above the table; only its customers stay in the table.
  var picker = document.getElementById("cell"), listed = document.querySelectorAll("tr[data-cell]"), none = document.getElementById("none-listed");
  var maps = drawn.filter(function (one) { return one.figure.chart.kind === "map"; });

  function choose(cell) {
    chosen.cell = cell;
    if (picker) { picker.value = cell; }
    var left = 0;
    listed.forEach(function (row) {
      row.hidden = cell !== "" && row.dataset.cell !== cell;
      left += row.hidden ? 0 : 1;
    });
    if (none) { none.hidden = left > 0; }
    maps.forEach(draw);
    status.textContent = picker ? picker.options[picker.selectedIndex].textContent : cell;
  }

  // Whoever chooses a cell again lets go of it.
  function toggle(cell) {
    choose(cell === chosen.cell ? "" : cell);
  }

  if (picker) { picker.addEventListener("change", function () { choose(picker.value); }); }
  maps.forEach(function (one) {
    one.chart.on("click", function (params) {
      var cell = clivia.cellOf(one.figure, params.data);
      if (cell) { toggle(cell); }
    });
  });

  function redraw() {
    drawn.forEach(function (one) {
      one.chart.resize();
      draw(one);
    });
  }

  // Height changes with every table that is opened; charts ask for width alone.
  var main = document.getElementById("main"), width = main.clientWidth, waiting = 0;
  new ResizeObserver(function () {
    if (printing || main.clientWidth === width) { return; }
    width = main.clientWidth;
    clearTimeout(waiting);
    waiting = setTimeout(redraw, 120);
  }).observe(main);
  dark.addEventListener("change", redraw);

  // Paper is light and as wide as it is; charts are drawn again for it, at once, before the page is laid out.
  window.addEventListener("beforeprint", function () {
    printing = true;
    drawn.forEach(function (one) {
      one.chart.resize({ width: Math.min(one.element.clientWidth, 660) });
      draw(one);
      one.chart.getZr().refreshImmediately();
    });
  });
  window.addEventListener("afterprint", function () {
    printing = false;
    redraw();
  });

  document.documentElement.dataset.ready = "true";
})();

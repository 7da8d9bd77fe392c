// Charts without a page: what ECharts asks of a browser, numbers without Intl, and a chart as SVG.
var setTimeout = function () { return 0; };
var clearTimeout = function () {};

// The picture of a figure, given as JSON with `separators`, `words`, `width` and `height` beside it.
function picture(json) {
  "use strict";
  var told = JSON.parse(json), figure = told.figure, group = told.separators[0], point = told.separators[1];

  function fixed(value, digits) {
    var parts = Math.abs(value).toFixed(digits).split(".");
    var whole = parts[0].replace(/\B(?=(\d{3})+$)/g, group);
    return (value < 0 && Number(value.toFixed(digits)) !== 0 ? "-" : "") + whole + (parts[1] ? point + parts[1] : "");
  }

  function precise(value, digits) {
    var places = value === 0 ? 0 : Math.max(digits - 1 - Math.floor(Math.log10(Math.abs(value))), 0);
    return trimmed(fixed(value, Math.min(places, 12)));
  }

  function trimmed(text) {
    return text.indexOf(point) < 0 ? text : text.replace(/0+$/, "").replace(new RegExp("\\" + point + "$"), "");
  }

  function show(value, format) {
    switch (format) {
      case "count": return fixed(value, 0);
      case "money": return fixed(value, Math.abs(value) >= 1000 ? 0 : 2);
      case "percent": return trimmed(fixed(100 * value, 1)) + "\u00a0%";
      case "number": return precise(value, 4);
      case "date": return new Date(value).toISOString().slice(0, 10);
      default: return String(value);
    }
  }

  function short(value, format) {
    if (format === "percent") { return precise(100 * value, 3) + "\u00a0%"; }
    if (format === "date") { return new Date(value).toISOString().slice(0, 7); }
    if (format === "text") { return String(value); }
    var size = Math.abs(value);
    if (size >= 1e9) { return precise(value / 1e9, 3) + "\u00a0G"; }
    if (size >= 1e6) { return precise(value / 1e6, 3) + "\u00a0M"; }
    return size >= 1e4 ? precise(value / 1e3, 3) + "\u00a0k" : precise(value, 4);
  }

  var env = { show: show, short: short, words: told.words, dark: false, width: told.width, chosen: "" };
  var option = clivia.option(figure, env);
  option.backgroundColor = "#ffffff";
  delete option.tooltip;
  // A title of its own, with room above everything else.
  var titled = [{ text: figure.title, left: 12, top: 10, textStyle: { fontSize: 16, fontWeight: 600, color: "#1b1f24" } }], room = 40;
  (option.title ? [].concat(option.title) : []).forEach(function (title) { titled.push(Object.assign({}, title, { top: (title.top || 0) + room })); });
  option.title = titled;
  option.legend.top = room;
  option.legend.left = 12;
  option.legend.type = "plain";
  [].concat(option.grid).forEach(function (grid) { grid.top = (grid.top || 0) + room; });
  if (option.visualMap && option.visualMap.right === 0) { option.visualMap.right = 12; }
  var chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: told.width, height: told.height });
  chart.setOption(option);
  var svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

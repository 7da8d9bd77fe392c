// What each chart looks like: figures in, ECharts options out. It runs in the page and, without one, for static pictures,
// so it knows neither document nor window.
//
// A figure has `columns` ({label, format}), `rows` (of cells, in their order) and `chart`, which says by `kind` how rows are
// drawn and by column numbers what is drawn of them. `env` shows values (`show`, `short`), and has `words`, `dark`, `width`.
var clivia = (function () {
  "use strict";

  var themes = {
    light: {
      ink: "#1b1f24", muted: "#57606a", faint: "#8c959f", line: "#d0d7de", ground: "#ffffff",
      series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6e7781"],
      rising: ["#eef4fa", "#bdd7ee", "#6aaed6", "#2171b5", "#08306b"], dense: ["#f3f4f6", "#d9dce0", "#b9bec5"],
      around: ["#b35806", "#f1b26a", "#f6f6f6", "#a59fd0", "#542788"],
      under_served: "#d55e00", aligned: "#6e7781", over_served: "#0072b2"
    },
    dark: {
      ink: "#e6edf3", muted: "#a3adb8", faint: "#6e7781", line: "#3a424c", ground: "#0d1117",
      series: ["#56b4e9", "#f0863c", "#2fc295", "#e39ac4", "#f2bd3f", "#9ecfee", "#a3adb8"],
      rising: ["#17212d", "#1d4168", "#2f74b5", "#78b8e8", "#dcefff"], dense: ["#161b22", "#2a313a", "#424b56"],
      around: ["#f5a34b", "#8a5a24", "#262c34", "#5d5494", "#b9aaf0"],
      under_served: "#f0863c", aligned: "#a3adb8", over_served: "#56b4e9"
    }
  };

  function theme(env) {
    return env.dark ? themes.dark : themes.light;
  }

  // The colour at a share (0 to 1) of the way through a scale.
  function mixed(scale, share) {
    var at = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
    var low = Math.min(Math.floor(at), scale.length - 2);
    var channel = function (place) {
      var from = parseInt(scale[low].slice(place, place + 2), 16);
      var to = parseInt(scale[low + 1].slice(place, place + 2), 16);
      return Math.round(from + (at - low) * (to - from));
    };
    return [channel(1), channel(3), channel(5)];
  }

  function css(rgb) {
    return "rgb(" + rgb.join(",") + ")";
  }

  // Ink that can be read on a colour.
  function inkOn(rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] > 140 ? "#16191d" : "#ffffff";
  }

  function known(value) {
    return value !== null && value !== undefined;
  }

  function clipped(text, most) {
    text = String(text);
    return text.length > most ? text.slice(0, most - 1) + "…" : text;
  }

  function base(env) {
    var colours = theme(env);
    return {
      animation: false,
      useUTC: true,
      backgroundColor: "transparent",
      color: colours.series,
      textStyle: { fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif", color: colours.ink },
      grid: { left: 12, right: 18, top: 44, bottom: 34, containLabel: true },
      legend: { top: 0, left: 0, type: "scroll", textStyle: { color: colours.ink }, inactiveColor: colours.faint },
      tooltip: { trigger: "item", confine: true, backgroundColor: colours.ground, borderColor: colours.line, textStyle: { color: colours.ink } }
    };
  }

  function axis(env, of) {
    var colours = theme(env);
    var made = {
      nameLocation: "middle", nameTextStyle: { color: colours.muted },
      axisLine: { lineStyle: { color: colours.muted } }, axisTick: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.muted, hideOverlap: true, lineHeight: 14 }, splitLine: { lineStyle: { color: colours.line, opacity: 0.6 } }
    };
    for (var key in of) { made[key] = key === "axisLabel" ? Object.assign(made.axisLabel, of.axisLabel) : of[key]; }
    return made;
  }

  // An axis of numbers.
  function measure(env, title, format, place) {
    var made = axis(env, {
      type: "value", name: title, nameGap: 26, scale: false,
      axisLabel: { formatter: function (value) { return env.short(value, format); } }
    });
    return place === "x" ? made : onTop(made);
  }

  // The title of an upright axis lies above it, where it can be read without turning the head.
  function onTop(made) {
    made.nameLocation = "end";
    made.nameGap = 10;
    made.nameTextStyle = Object.assign({}, made.nameTextStyle, { align: "left", padding: [0, 0, 0, -8] });
    return made;
  }

  // Room above a chart for its legend and the title of its upright axis.
  function head(legend, title) {
    return (legend ? 38 : 12) + (title ? 22 : 0);
  }

  // An axis of names.
  function names(env, title, labels, place) {
    var narrow = env.width < 420;
    return axis(env, {
      type: "category", data: labels.map(function (label) { return clipped(label, narrow ? 24 : 40); }), name: title,
      nameGap: place === "x" ? 30 : 8, nameLocation: place === "x" ? "middle" : "end", splitLine: { show: false }
    });
  }

  function column(figure, at) {
    return figure.rows.map(function (row) { return row[at]; });
  }

  function shown(figure, at, env) {
    var format = figure.columns[at].format;
    return figure.rows.map(function (row) { return known(row[at]) ? env.show(row[at], format) : ""; });
  }

  // Whiskers from low to high, beside bars or points.
  function whiskers(env, data, options) {
    var horizontal = options.horizontal;
    return {
      type: "custom", name: options.name, silent: true, z: 5, xAxisIndex: options.axis || 0, yAxisIndex: options.axis || 0,
      itemStyle: { color: options.colour || theme(env).ink },
      renderItem: function (params, api) {
        var at = api.value(0), shift = options.shift ? options.shift(api) : 0;
        var ends = [1, 2].map(function (end) { return horizontal ? api.coord([api.value(end), at]) : api.coord([at, api.value(end)]); });
        if (isNaN(api.value(1)) || isNaN(api.value(2))) { return null; }
        var cap = 4, x = [ends[0][0], ends[1][0]], y = [ends[0][1], ends[1][1]];
        if (horizontal) { y = [y[0] + shift, y[1] + shift]; } else { x = [x[0] + shift, x[1] + shift]; }
        var line = function (x1, y1, x2, y2) {
          return { type: "line", shape: { x1: x1, y1: y1, x2: x2, y2: y2 }, style: { stroke: options.colour || theme(env).ink, lineWidth: 1.4 } };
        };
        var caps = horizontal
          ? [line(x[0], y[0] - cap, x[0], y[0] + cap), line(x[1], y[1] - cap, x[1], y[1] + cap)]
          : [line(x[0] - cap, y[0], x[0] + cap, y[0]), line(x[1] - cap, y[1], x[1] + cap, y[1])];
        return { type: "group", children: [line(x[0], y[0], x[1], y[1])].concat(caps) };
      },
      data: data, encode: horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] }
    };
  }

  function points(figure, at, extra) {
    return figure.rows.map(function (row, place) {
      return Object.assign({ value: known(row[at]) ? row[at] : null, row: place }, extra ? extra(row) : {});
    });
  }

  // Bars by name: upright, side by side; lying, or each measure in a panel of its own.
  function bars(figure, env) {
    var chart = figure.chart, option = base(env), colours = theme(env);
    var labels = shown(figure, chart.label, env), series = chart.series;
    if (chart.panels) { return panels(figure, env, option, labels); }
    option.legend.show = series.length > 1;
    option.grid.top = head(series.length > 1, chart.y_title);
    option.xAxis = names(env, chart.x_title, labels, "x");
    // The last of the long names would reach over the edge.
    if (labels.some(function (label) { return label.length > 8; })) { option.xAxis.axisLabel.alignMaxLabel = "right"; }
    option.yAxis = measure(env, chart.y_title, figure.columns[series[0]].format, "y");
    option.series = series.map(function (at, place) {
      return {
        type: "bar", name: figure.columns[at].label, data: points(figure, at), barMaxWidth: 46, barCategoryGap: series.length > 1 ? "30%" : "12%",
        itemStyle: { color: colours.series[place], decal: place === 1 ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: colours.ground } : undefined }
      };
    });
    return option;
  }

  function panels(figure, env, option, labels) {
    var chart = figure.chart, series = chart.series, count = series.length;
    var left = env.width < 720 ? 28 : 20, share = (99 - left) / count;
    option.legend.show = false;
    option.title = []; option.grid = []; option.xAxis = []; option.yAxis = []; option.series = [];
    var order = labels.map(function (label, place) { return place; }).reverse();
    series.forEach(function (at, place) {
      var format = figure.columns[at].format, from = left + place * share;
      option.title.push({ text: figure.columns[at].label, left: from + "%", top: 0, textStyle: { fontSize: env.width < 420 ? 10 : 12, fontWeight: 600, color: theme(env).ink } });
      option.grid.push({ left: from + "%", width: share - 4 + "%", top: 26, bottom: 26 });
      option.xAxis.push(axis(env, { type: "value", gridIndex: place, splitNumber: 2, axisLabel: { alignMinLabel: "left", alignMaxLabel: "right", formatter: function (value) { return env.short(value, format); } } }));
      var named = names(env, "", order.map(function (row) { return labels[row]; }), "y");
      named.gridIndex = place; named.axisTick.show = false;
      Object.assign(named.axisLabel, { show: place === 0, interval: 0, width: Math.max(left / 100 * env.width - 12, 60), overflow: "break", hideOverlap: false });
      option.yAxis.push(named);
      option.series.push({
        type: "bar", xAxisIndex: place, yAxisIndex: place, name: figure.columns[at].label, barMaxWidth: 20, barCategoryGap: "30%",
        itemStyle: { color: theme(env).series[place % 3] },
        data: order.map(function (row) { return { value: known(figure.rows[row][at]) ? figure.rows[row][at] : null, row: row }; })
      });
      var spans = (chart.spans || []).filter(function (span) { return span.of === at; })[0];
      if (spans) {
        var data = order.map(function (row, spot) { return [spot, figure.rows[row][spans.low], figure.rows[row][spans.high]]; });
        option.series.push(whiskers(env, data.filter(function (span) { return known(span[1]) && known(span[2]); }), { horizontal: true, axis: place, name: "" }));
      }
    });
    return option;
  }

  // Curves over numbers or dates.
  function lines(figure, env) {
    var chart = figure.chart, option = base(env), colours = theme(env), format = figure.columns[chart.x].format;
    var dates = format === "date";
    option.tooltip.trigger = "axis";
    option.legend.show = chart.series.length > 1;
    option.grid.top = head(chart.series.length > 1, chart.y_title);
    option.xAxis = axis(env, {
      type: dates ? "time" : "value", name: chart.x_title, nameGap: 28, splitLine: { show: false }, min: "dataMin", max: "dataMax",
      axisLabel: { formatter: function (value) { return dates ? env.short(value, "date") : env.short(value, format); } }
    });
    option.yAxis = measure(env, chart.y_title, figure.columns[chart.series[0]].format, "y");
    option.series = chart.series.map(function (at, place) {
      var made = {
        type: "line", name: figure.columns[at].label, showSymbol: figure.rows.length < 30, symbol: ["circle", "diamond"][place % 2],
        lineStyle: { width: 2.2, type: place === 1 ? "dashed" : "solid", color: colours.series[place] }, itemStyle: { color: colours.series[place] },
        data: figure.rows.map(function (row, spot) { return { value: [row[chart.x], row[at]], row: spot }; })
      };
      if (chart.area) { made.areaStyle = { opacity: 0.14, color: colours.series[place] }; }
      if (place === 0 && chart.mark) {
        made.markLine = {
          symbol: "none", silent: true, lineStyle: { color: colours.muted, type: "dotted", width: 1.5 },
          label: { formatter: chart.mark.label, color: colours.muted, position: "insideEndTop" }, data: [{ xAxis: chart.mark.at }]
        };
      }
      return made;
    });
    return option;
  }

  // A table in colours.
  function heat(figure, env) {
    var chart = figure.chart, option = base(env), colours = theme(env), narrow = env.width < 420;
    var distinct = function (at) {
      return figure.rows.reduce(function (seen, row) { if (seen.indexOf(row[at]) < 0) { seen.push(row[at]); } return seen; }, []);
    };
    var xs = distinct(chart.x), ys = distinct(chart.y);
    if (chart.reversed) { ys.reverse(); }
    var values = column(figure, chart.colour).filter(known), most = Math.max.apply(null, values.concat(0)), least = Math.min.apply(null, values.concat(0));
    if (chart.around) { most = Math.max(most, -least, 1e-9); least = -most; }
    else if (known(chart.from)) { least = chart.from; most = chart.to; }
    if (!(most > least)) { most = least + 1; }
    var scale = chart.around ? colours.around : colours.rising;
    var textFormat = known(chart.text) ? figure.columns[chart.text].format : "";
    option.legend.show = false;
    option.grid = { left: 12, right: 14, top: head(false, chart.y_title), bottom: chart.x_title ? 74 : 52, containLabel: true };
    var label = function (at) { return function (value) { return env.show(value, figure.columns[at].format); }; };
    option.xAxis = names(env, chart.x_title, xs.map(label(chart.x)), "x");
    option.yAxis = names(env, "", ys.map(label(chart.y)), "y");
    option.yAxis.name = chart.y_title;
    onTop(option.yAxis);
    // Few names have room to be broken into lines; of many as many are shown as have room.
    if (!chart.x_title && xs.length <= 6) {
      Object.assign(option.xAxis.axisLabel, { interval: 0, hideOverlap: false, overflow: "break", width: Math.max((env.width - 150) / xs.length - 8, 50) });
    }
    if (ys.length > 12) { option.yAxis.axisLabel.interval = Math.ceil(ys.length / 10) - 1; }
    else { Object.assign(option.yAxis.axisLabel, { interval: 0, hideOverlap: false }); }
    if (ys.some(function (y) { return String(y).length > 12; })) { Object.assign(option.yAxis.axisLabel, { overflow: "break", width: narrow ? 76 : 130 }); }
    var measured = figure.columns[chart.colour];
    option.visualMap = {
      type: "continuous", min: least, max: most, calculable: false, inRange: { color: scale }, dimension: 2, itemWidth: 12,
      orient: "horizontal", left: "center", bottom: 0, itemHeight: narrow ? 80 : 110,
      text: [env.short(most, measured.format), (narrow && measured.label.length > 20 ? "" : measured.label + ": ") + env.short(least, measured.format)], textStyle: { color: colours.muted }
    };
    option.series = [{
      type: "heatmap", name: figure.columns[chart.colour].label, itemStyle: { borderColor: colours.ground, borderWidth: 1 },
      data: figure.rows.map(function (row, place) {
        if (!known(row[chart.colour])) { return null; }
        var datum = { value: [xs.indexOf(row[chart.x]), ys.indexOf(row[chart.y]), row[chart.colour]], row: place };
        if (known(chart.text) && known(row[chart.text])) {
          var ink = inkOn(mixed(scale, (row[chart.colour] - least) / (most - least)));
          datum.label = { show: true, formatter: env.short(row[chart.text], textFormat).replace(/[{}]/g, ""), color: ink, fontSize: narrow ? 9 : 11 };
        }
        return datum;
      }).filter(Boolean)
    }];
    return option;
  }

  // A point of some shape.
  function mark(shape, x, y, size, colour) {
    var style = { fill: colour }, wide = 1.3 * size;
    switch (shape) {
      case "diamond": return { type: "polygon", shape: { points: [[x, y - wide], [x + wide, y], [x, y + wide], [x - wide, y]] }, style: style };
      case "triangle": return { type: "polygon", shape: { points: [[x, y - wide], [x + wide, y + size], [x - wide, y + size]] }, style: style };
      case "rect": return { type: "rect", shape: { x: x - size, y: y - size, width: 2 * size, height: 2 * size }, style: style };
      default: return { type: "circle", shape: { cx: x, cy: y, r: size }, style: style };
    }
  }

  // Estimates with their intervals, by name, one series a group.
  function intervals(figure, env) {
    var chart = figure.chart, option = base(env), colours = theme(env);
    var labels = [], groups = [];
    figure.rows.forEach(function (row) {
      var label = env.show(row[chart.label], figure.columns[chart.label].format), group = known(chart.group) ? row[chart.group] : "";
      if (labels.indexOf(label) < 0) { labels.push(label); }
      if (groups.indexOf(group) < 0) { groups.push(group); }
    });
    var format = figure.columns[chart.value].format, shapes = ["circle", "diamond", "triangle", "rect"];
    option.legend.show = groups.length > 1;
    option.grid.top = head(groups.length > 1, chart.y_title);
    option.xAxis = names(env, chart.x_title, labels, "x");
    option.yAxis = measure(env, chart.y_title, format, "y");
    if (chart.logarithmic) { option.yAxis.type = "log"; option.yAxis.logBase = 2; }
    else { option.yAxis.scale = true; }
    option.series = [];
    option.legend.selected = {};
    option.legend.data = [];
    groups.forEach(function (group, place) {
      var colour = colours.series[place % colours.series.length], name = group === "" ? figure.columns[chart.value].label : clipped(group, 40);
      option.legend.selected[name] = place < (chart.open || 4);
      var rows = figure.rows.map(function (row, at) { return { row: row, at: at }; }).filter(function (one) { return !known(chart.group) || one.row[chart.group] === group; });
      var spread = Math.min(groups.length, chart.open || 4), shape = shapes[place % shapes.length];
      var offset = spread > 1 ? ((place % spread) / (spread - 1) - 0.5) * 0.5 : 0;
      var spot = function (row) { return labels.indexOf(env.show(row[chart.label], figure.columns[chart.label].format)); };
      option.series.push({
        type: "custom", name: name, z: 5, itemStyle: { color: colour },
        renderItem: function (params, api) {
          var x = api.coord([api.value(0), 0])[0] + offset * api.size([1, 0])[0];
          var at = [1, 2, 3].map(function (place) { return isNaN(api.value(place)) ? NaN : api.coord([0, api.value(place)])[1]; });
          var stroke = { stroke: colour, lineWidth: 1.6 }, children = [];
          if (!isNaN(at[1]) && !isNaN(at[2])) {
            children = [[x, at[1], x, at[2]], [x - 4, at[1], x + 4, at[1]], [x - 4, at[2], x + 4, at[2]]].map(function (line) {
              return { type: "line", shape: { x1: line[0], y1: line[1], x2: line[2], y2: line[3] }, style: stroke };
            });
          }
          return { type: "group", children: children.concat(mark(shape, x, at[0], 5, colour)) };
        },
        data: rows.filter(function (one) { return known(one.row[chart.value]); }).map(function (one) {
          return { value: [spot(one.row), one.row[chart.value], one.row[chart.low], one.row[chart.high]], row: one.at };
        }),
        encode: { x: 0, y: [1, 2, 3] }
      });
      option.legend.data.push({ name: name, icon: shape });
    });
    if (known(chart.reference) && option.series.length) {
      option.series[0].markLine = { symbol: "none", silent: true, lineStyle: { color: colours.muted, type: "dashed" }, label: { show: false }, data: [{ yAxis: chart.reference }] };
    }
    return option;
  }

  var marks = { under_served: "triangle", aligned: "circle", over_served: "diamond" };

  // Contact quality against attractiveness: fields by how many customers they hold, points, cells, and the band of the aligned.
  function map(figure, env) {
    var chart = figure.chart, option = base(env), colours = theme(env), narrow = env.width < 420;
    var everybody = chart.density.reduce(function (sum, field) { return sum + field.customers; }, 0);
    var usual = everybody / Math.max(chart.density.length, 1);
    option.xAxis = measure(env, chart.x_title, "count", "x");
    option.yAxis = measure(env, chart.y_title, "count", "y");
    [option.xAxis, option.yAxis].forEach(function (one) { one.min = 0; one.max = 100; one.splitLine = { show: false }; });
    // Both titles stand on the middle of their axes, so that the map is read as a map.
    Object.assign(option.yAxis, { nameLocation: "middle", nameGap: 34, nameTextStyle: { color: colours.muted } });
    option.grid = { left: 52, right: 14, top: 44, bottom: 48 };
    var line = function (data, type) {
      return { type: "line", data: data, symbol: "none", silent: true, lineStyle: { color: colours.muted, width: 1, type: type }, z: 2, tooltip: { show: false } };
    };
    var width = chart.field;
    option.series = [{
      type: "custom", name: chart.density.length ? env.words.density : "", itemStyle: { color: colours.dense[2] }, z: 1, clip: true,
      renderItem: function (params, api) {
        var low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0) + width, api.value(1) + width]);
        // Half the way where there are as many as usual: ranks spread customers evenly, so what is uneven is what matters.
        var share = api.value(2) / (2 * usual);
        return { type: "rect", shape: { x: low[0], y: high[1], width: high[0] - low[0], height: low[1] - high[1] }, style: { fill: css(mixed(colours.dense, share)) } };
      },
      data: chart.density.map(function (field) { return { value: [field.contact, field.attractiveness, field.customers], field: field }; })
    }];
    option.series.push(line([[0, 0], [100, 100]], "solid"));
    option.series.push(line([[0, chart.tolerance], [100 - chart.tolerance, 100]], "dashed"));
    option.series.push(line([[chart.tolerance, 0], [100, 100 - chart.tolerance]], "dashed"));
    ["aligned", "over_served", "under_served"].forEach(function (diagnosis) {
      var data = chart.points.filter(function (point) { return point.diagnosis === diagnosis; });
      if (!data.length) { return; }
      option.series.push({
        type: "scatter", name: env.words[diagnosis], symbol: marks[diagnosis], symbolSize: data.length > 400 ? 5 : 7, z: 3,
        itemStyle: { color: colours[diagnosis], opacity: diagnosis === "aligned" ? 0.55 : 0.85 }, large: false,
        data: data.map(function (point) { return { value: [point.contact, point.attractiveness], point: point }; })
      });
    });
    var corners = function (api, cell) {
      var low = api.coord([cell.left, cell.bottom]), high = api.coord([cell.right, cell.top]);
      return { x: low[0], y: high[1], width: high[0] - low[0], height: low[1] - high[1] };
    };
    // What is between points and fields belongs to the cell; its border and words lie over all and catch nothing.
    option.series.push({
      type: "custom", name: env.words.cells, z: 0,
      renderItem: function (params, api) {
        return { type: "rect", shape: corners(api, chart.cells[params.dataIndex]), style: { fill: "transparent" } };
      },
      data: chart.cells.map(function (cell, place) { return { value: [(cell.left + cell.right) / 2, (cell.bottom + cell.top) / 2], row: place, cell: cell.name }; })
    });
    option.series.push({
      type: "custom", z: 5, silent: true,
      renderItem: function (params, api) {
        var cell = chart.cells[params.dataIndex], shape = corners(api, cell), chosen = env.chosen === cell.name;
        var children = [{ type: "rect", shape: shape, style: { fill: "none", stroke: chosen ? colours.ink : colours.muted, lineWidth: chosen ? 3 : 1 } }];
        if (shape.width > 60) {
          children.push({
            type: "text", x: shape.x + 6, y: shape.y + 6,
            style: { text: narrow ? cell.brief : cell.text, fill: colours.ink, fontSize: narrow ? 10 : 12, lineHeight: 15, backgroundColor: env.dark ? "rgba(13,17,23,0.72)" : "rgba(255,255,255,0.78)", padding: [2, 4], borderRadius: 3 }
          });
        }
        return { type: "group", children: children };
      },
      data: chart.cells.map(function (cell) { return { value: [(cell.left + cell.right) / 2, (cell.bottom + cell.top) / 2] }; })
    });
    option.legend.data = option.series.filter(function (one) { return one.name && one.name !== env.words.cells; }).map(function (one) { return one.name; });
    return option;
  }

  var kinds = { bars: bars, lines: lines, heat: heat, intervals: intervals, map: map };

  // What a datum says: pairs of label and value.
  function describe(figure, datum, env) {
    if (!datum) { return []; }
    if (datum.point) {
      var point = datum.point, chart = figure.chart;
      var said = [[env.words.customer, clipped(point.customer_id, 60)], [chart.y_title, env.show(point.attractiveness, "number")], [chart.x_title, env.show(point.contact, "number")], [env.words.diagnosis, env.words[point.diagnosis]]];
      return known(point.clv) ? said.concat([[env.words.clv, env.show(point.clv, "money")]]) : said;
    }
    if (datum.field) {
      var field = datum.field;
      return [[env.words.customers, env.show(field.customers, "count")], [env.words.under_served, env.show(field.under_served, "count")], [env.words.over_served, env.show(field.over_served, "count")]];
    }
    if (!known(datum.row) || !figure.rows[datum.row]) { return []; }
    return figure.columns.map(function (one, at) {
      var cell = figure.rows[datum.row][at];
      return [one.label, known(cell) ? env.show(cell, one.format) : ""];
    }).filter(function (pair) { return pair[1] !== ""; });
  }

  // The name of the map's cell that a datum belongs to.
  function cellOf(figure, datum) {
    if (!datum) { return undefined; }
    if (datum.cell) { return datum.cell; }
    if (datum.point) { return datum.point.cell; }
    if (!datum.field) { return undefined; }
    var within = figure.chart.cells.filter(function (cell) {
      return datum.field.contact >= cell.left && datum.field.contact < cell.right && datum.field.attractiveness >= cell.bottom && datum.field.attractiveness < cell.top;
    });
    return within.length ? within[0].name : undefined;
  }

  function option(figure, env) {
    return kinds[figure.chart.kind](figure, env);
  }

  return { option: option, describe: describe, cellOf: cellOf, kinds: Object.keys(kinds) };
})();

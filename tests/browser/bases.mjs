// The reports that are opened: made by the command itself, as a user would.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { CLIVIA, OUT, ROOT } = process.env;

export function path(name) {
  return join(OUT, name);
}

export function clivia(...args) {
  return execFileSync(CLIVIA, args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function score(name, ...more) {
  const out = path(name);
  rmSync(out, { recursive: true, force: true });
  clivia("score", ...more, "--out", out, "--quiet");
  return join(out, "report.html");
}

function again(run, name, ...more) {
  const out = path(name);
  clivia("report", "--from", path(run), "--out", out, "--overwrite", ...more);
  return out;
}

// What must neither run nor break the page, each in every place that a user fills.
export const HOSTILE = [
  "<script>window.hit=1</script>",
  "</script><script>window.hit=1</script>",
  "\"><img src=x onerror=window.hit=1>",
  "' onmouseover='window.hit=1",
  "\u2028window.hit=1\u2029",
  "\u202Etxt.exe\u200F\u2067right",
  "{{ 7 * 7 }}{% raw %}${window.hit=1}",
  "{b|rich} {@value} <b>bold</b>&amp;",
  "javascript:window.hit=1",
  "--> comment ]]> <!--",
  "\u{E000}money|1\u{E001}",
  "x".repeat(10_000),
];

// Segments that cover everything, under names of all kinds.
function segments() {
  const rules = [];
  let place = 0;
  for (let r = 1; r <= 5; r += 1) {
    for (const f of [[1, 2], [3, 5]]) {
      rules.push(`{ segment = ${JSON.stringify(HOSTILE[place % HOSTILE.length])}, r = [${r}, ${r}], f = [${f}] }`);
      place += 1;
    }
  }
  return `[rfm]\nsegments = [${rules.join(", ")}]\n`;
}

function hostile() {
  const folder = path("hostile-data");
  mkdirSync(folder, { recursive: true });
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = (file) => readFileSync(join(ROOT, "data", file), "utf8").trim().split("\n").map((line) => line.split(","));
  const number = (id) => Number(id.slice(1));
  const named = (id) => HOSTILE[number(id) % HOSTILE.length] + id;
  const kept = (id) => number(id) < 600;
  const header = '"><img src=x onerror=window.hit=1>';

  const [, ...orders] = rows("orders.csv");
  const of = orders.filter((row) => kept(row[1])).map(([, id, date, amount]) => [quoted(named(id)), date, amount].join(","));
  writeFileSync(join(folder, "orders.csv"), [[quoted(header), "order_date", "amount"].join(","), ...of].join("\n"));

  const [, ...contacts] = rows("contacts.csv");
  const channels = ["phone", ...HOSTILE];
  const to = contacts.filter((row) => kept(row[1])).map(([id, customer, date, channel, direction, outcome], place) => {
    const way = place % 3 === 0 ? channel : channels[place % channels.length];
    return [id, quoted(named(customer)), date, quoted(way), direction, outcome].join(",");
  });
  writeFileSync(join(folder, "contacts.csv"), ["contact_id,customer_id,contacted_at,channel,direction,outcome", ...to].join("\n"));

  const weights = HOSTILE.map((name) => `${JSON.stringify(name)} = 0.6`).join("\n");
  const toml = `[orders]\ncustomer = ${JSON.stringify(header)}\n${segments()}[contacts.channels]\n${weights}\n`;
  writeFileSync(join(folder, "clivia.toml"), toml);
  return folder;
}

// All of them, by name.
export function make() {
  const sample = score("sample", "data/orders.csv", "--contacts", "data/contacts.csv");
  const folder = hostile();
  const config = ["--config", join(folder, "clivia.toml")];
  return {
    sample,
    pl: again("sample", "pl.html", "--lang", "pl"),
    ro: again("sample", "ro.html", "--lang", "ro"),
    bg: again("sample", "bg.html", "--lang", "bg"),
    closed: again("sample", "closed.html", "--no-customers", "--min-cell", "20"),
    bare: score("bare", "data/orders.csv"),
    hostile: score("hostile", join(folder, "orders.csv"), "--contacts", join(folder, "contacts.csv"), ...config),
  };
}

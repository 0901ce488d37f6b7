import assert from "node:assert/strict";
import { test } from "node:test";

import type { Cell, Tile, TileData } from "../api";
import type { Ink } from "../theme";
import { plotOf, summarise, Table } from "./data";
import { Palette } from "./palette";

function table(tile: Partial<Tile>, columns: [string, string][], rows: Cell[][]): Table {
  const data = { columns: columns.map(([name, kind]) => ({ name, type: kind, kind })), rows } as unknown as TileData;
  return new Table({ name: "t", type: "line", title: "", width: 6, height: 4, ...tile } as Tile, data);
}

const kSales: [string, string][] = [
  ["day", "date"],
  ["kind", "text"],
  ["sold", "integer"],
];

test("dates that are all first days of a month are months", () => {
  const months = table({}, kSales, [["2018-01-01", "a", 1], ["2018-02-01", "a", 2]]);
  assert.equal(months.write("2018-01-01", "day"), "Jan 2018");
  const days = table({}, kSales, [["2018-01-01", "a", 1], ["2018-01-02", "a", 2]]);
  assert.equal(days.write("2018-01-01", "day"), "Jan 1, 2018");
});

test("round values of an axis have no decimals", () => {
  const money = table({ columns: { sold: { format: "currency", currency: "BRL" } } }, kSales, []);
  assert.equal(money.tick(0, "sold"), "R$0");
  assert.equal(money.tick(80_000, "sold"), "R$80K");
});

test("a series per value, with gaps where a row is missing", () => {
  const plot = plotOf(table({ x: "day", y: ["sold"], series: "kind" }, kSales, [["2018-01-01", "a", 1], ["2018-01-02", "b", 2]]));
  assert.deepEqual(plot.series.map((series) => [series.name, series.values]), [["a", [1, null]], ["b", [null, 2]]]);
});

test("the summary names the lowest and the highest", () => {
  const said = summarise(table({ x: "day", y: ["sold"] }, kSales, [["2018-01-03", "a", 5], ["2018-01-04", "a", 9]]));
  assert.match(said, /lowest 5 .*highest 9/);
});

test("a category keeps its colour whatever came before it, and shares it with none while there are enough", () => {
  const ink = { categories: ["1", "2", "3", "4", "5", "6", "7", "8"] } as Ink;
  const names = ["boleto", "credit_card", "voucher"];
  const alone = names.map((name) => new Palette().colour(name, ink));
  const palette = new Palette();
  assert.equal(palette.colour("voucher", ink), alone[2]);
  const all = new Set(["a", "b", "c", "d", "e", "f", "g"].map((name) => palette.colour(name, ink)));
  assert.equal(all.size + 1, 8);
});

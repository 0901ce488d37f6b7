import assert from "node:assert/strict";
import { test } from "node:test";

import { clip, parseTime, toNumber, write, writeAge, writeBytes, writeSeconds } from "./format";

const decimal = { name: "a", type: "DECIMAL(18,2)", kind: "decimal" };
const integer = { name: "n", type: "BIGINT", kind: "integer" };

test("numbers keep their digits, and are shortened only where asked", () => {
  assert.equal(write(1234567, integer).text, (1234567).toLocaleString());
  assert.equal(write(1234567, integer, {}, true).exact, (1234567).toLocaleString());
  assert.notEqual(write(1234567, integer, {}, true).text, write(1234567, integer).text);
  assert.equal(write("9007199254740993", integer, { format: "text" }).text, "9007199254740993");
  assert.match(write(12.5, decimal, { format: "currency", currency: "BRL" }).text, /R\$/);
  assert.match(write(0.1234, decimal, { format: "percent" }).text, /12[.,]3\s?%/);
});

test("nothing is a dash, not a zero", () => {
  assert.equal(write(null, decimal).text, "–");
  assert.equal(toNumber(null), null);
  assert.equal(toNumber(""), null);
  assert.equal(write(0, decimal, { decimals: 0 }).text, "0");
});

test("days have no zone, instants have", () => {
  const day = parseTime("2018-02-28");
  assert.deepEqual([day?.getFullYear(), day?.getMonth(), day?.getDate(), day?.getHours()], [2018, 1, 28, 0]);
  assert.equal(parseTime("2018-02-28T10:00:00Z")?.toISOString(), "2018-02-28T10:00:00.000Z");
  assert.equal(parseTime("soon"), null);
});

test("ages, sizes and times in the largest unit that fits", () => {
  assert.match(writeAge(185), /3/);
  assert.match(writeAge(2 * 86400), /2/);
  assert.equal(writeBytes(1536), `${(1.5).toLocaleString()} KiB`);
  assert.equal(writeSeconds(0.25), "250 ms");
  assert.equal(writeSeconds(3700), "1 h 1 min");
});

test("long names lose their middle", () => {
  assert.equal(clip("short", 10), "short");
  assert.equal(clip("a very long category", 11), "a ver…egory");
});

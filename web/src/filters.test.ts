import assert from "node:assert/strict";
import { test } from "node:test";

import type { Filter } from "./api";
import { chosenOf, dataQuery, withFilter, withToggled } from "./filters";

const state: Filter = { name: "state", url: "state", type: "select", label: "State", multiple: true, default: ["SP"], options: null, tiles: [] };
const period: Filter = { name: "period", url: "p", type: "date_range", label: "Period", default: { from: "2018-01-01", to: null }, options: null, tiles: [] };

test("absent is the default, empty is everything", () => {
  assert.deepEqual(chosenOf(state, new URLSearchParams()), { kind: "values", values: ["SP"] });
  assert.deepEqual(chosenOf(state, new URLSearchParams("state=")), { kind: "values", values: [] });
  assert.deepEqual(chosenOf(state, new URLSearchParams("state=RJ&state=MG")), { kind: "values", values: ["RJ", "MG"] });
  assert.deepEqual(chosenOf(period, new URLSearchParams()), { kind: "range", from: "2018-01-01", to: "" });
  assert.deepEqual(chosenOf(period, new URLSearchParams("p=..2018-02-01")), { kind: "range", from: "", to: "2018-02-01" });
});

test("what equals the default leaves the address", () => {
  const query = new URLSearchParams("state=RJ&page=b");
  assert.equal(withFilter(state, query, { kind: "values", values: ["SP"] }).toString(), "page=b");
  assert.equal(withFilter(state, query, { kind: "values", values: [] }).toString(), "page=b&state=");
  assert.equal(withFilter(period, query, { kind: "range", from: "", to: "" }).get("p"), "");
});

test("a second click on the same value takes it back", () => {
  const once = withToggled(state, new URLSearchParams(), "RJ");
  assert.equal(once.toString(), "state=RJ");
  assert.equal(withToggled(state, once, "RJ").toString(), "");
  assert.equal(withToggled(state, once, "MG").toString(), "state=MG");
});

test("what the dashboard does not know is not sent with questions for data", () => {
  const known = { filters: [state, period], grains: ["month", "week"] };
  assert.equal(dataQuery(new URLSearchParams("page=x&state=RJ&grain=week&seller=7"), known), "state=RJ&grain=week");
  assert.equal(dataQuery(new URLSearchParams("p=2018-01-01..&grain=day&as_of=3"), known), "p=2018-01-01..&as_of=3");
});

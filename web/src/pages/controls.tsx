// The filters of a dashboard as people set them.
import { useState } from "preact/hooks";

import type { Filter } from "../api";
import { type Chosen, chosenOf, isRange } from "../filters";

interface Props {
  filter: Filter;
  query: URLSearchParams;
  onChange: (filter: Filter, chosen: Chosen) => void;
}

export function FilterControl(props: Props) {
  const { filter } = props;
  if (isRange(filter)) return <RangeControl {...props} />;
  if (filter.type === "text") return <TextControl {...props} />;
  return filter.multiple ? <ManyControl {...props} /> : <OneControl {...props} />;
}

function RangeControl({ filter, query, onChange }: Props) {
  const chosen = chosenOf(filter, query);
  const { from, to } = chosen.kind === "range" ? chosen : { from: "", to: "" };
  const type = filter.type === "date_range" ? "date" : "number";
  const set = (next: { from: string; to: string }) => onChange(filter, { kind: "range", ...next });
  return (
    <fieldset class="filter" data-filter={filter.name}>
      <legend>{filter.label}</legend>
      <div class="range">
        <input type={type} value={from} aria-label={`${filter.label} from`} onChange={(event) => set({ from: event.currentTarget.value, to })} />
        <span aria-hidden="true">–</span>
        <input type={type} value={to} aria-label={`${filter.label} to`} onChange={(event) => set({ from, to: event.currentTarget.value })} />
      </div>
    </fieldset>
  );
}

function TextControl({ filter, query, onChange }: Props) {
  const chosen = chosenOf(filter, query);
  return (
    <label class="filter" data-filter={filter.name}>
      <span>{filter.label}</span>
      <input type="search" value={chosen.kind === "text" ? chosen.text : ""} onChange={(event) => onChange(filter, { kind: "text", text: event.currentTarget.value })} />
    </label>
  );
}

function OneControl({ filter, query, onChange }: Props) {
  const chosen = chosenOf(filter, query);
  const value = chosen.kind === "values" ? (chosen.values[0] ?? "") : "";
  return (
    <label class="filter" data-filter={filter.name}>
      <span>{filter.label}</span>
      <select value={value} onChange={(event) => onChange(filter, { kind: "values", values: event.currentTarget.value ? [event.currentTarget.value] : [] })}>
        <option value="">All</option>
        {(filter.options ?? []).map((option) => (
          <option value={option.value} key={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function ManyControl({ filter, query, onChange }: Props) {
  const [search, setSearch] = useState("");
  const chosen = chosenOf(filter, query);
  const values = new Set(chosen.kind === "values" ? chosen.values : []);
  const options = filter.options ?? [];
  const found = options.filter((option) => option.label.toLowerCase().includes(search.toLowerCase()));
  const toggle = (value: string) => {
    const next = new Set(values);
    if (!next.delete(value)) next.add(value);
    onChange(filter, { kind: "values", values: options.map((option) => option.value).filter((option) => next.has(option)) });
  };
  const label = values.size === 0 ? "All" : values.size <= 2 ? options.filter((option) => values.has(option.value)).map((option) => option.label).join(", ") : `${values.size} chosen`;
  return (
    <div class="filter" data-filter={filter.name}>
      <span id={`filter-${filter.name}`}>{filter.label}</span>
      <details class="many">
        <summary aria-labelledby={`filter-${filter.name} value-${filter.name}`}>
          <span id={`value-${filter.name}`}>{label || "All"}</span>
        </summary>
        <div class="many-list">
          {options.length > 8 && <input type="search" placeholder="Find" aria-label={`Find in ${filter.label}`} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />}
          {values.size > 0 && (
            <button type="button" class="link" onClick={() => onChange(filter, { kind: "values", values: [] })}>
              All
            </button>
          )}
          {found.map((option) => (
            <label key={option.value}>
              <input type="checkbox" checked={values.has(option.value)} onChange={() => toggle(option.value)} /> {option.label}
            </label>
          ))}
        </div>
      </details>
    </div>
  );
}

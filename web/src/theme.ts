// Light and dark, as the system says or as the reader chose; the colours themselves stand in styles.css.
import { useEffect, useState } from "preact/hooks";

export type Theme = "light" | "dark";

const kKey = "smelt.theme";
const listeners = new Set<() => void>();

function chosenTheme(): Theme | null {
  try {
    const value = localStorage.getItem(kKey);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}

function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function currentTheme(): Theme {
  return chosenTheme() ?? systemTheme();
}

function apply(): void {
  document.documentElement.dataset["theme"] = currentTheme();
  for (const listener of [...listeners]) listener();
}

export function startTheme(): void {
  apply();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
}

export function toggleTheme(): void {
  const next: Theme = currentTheme() === "dark" ? "light" : "dark";
  try {
    if (next === systemTheme()) localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  document.documentElement.dataset["theme"] = next;
  for (const listener of [...listeners]) listener();
}

export function useTheme(): Theme {
  const [theme, set] = useState<Theme>((document.documentElement.dataset["theme"] as Theme | undefined) ?? currentTheme());
  useEffect(() => {
    const listener = () => set((document.documentElement.dataset["theme"] as Theme | undefined) ?? currentTheme());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return theme;
}

export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export interface Ink {
  text: string;
  muted: string;
  line: string;
  surface: string;
  previous: string;
  categories: string[];
  low: string; // the ends of the scale of quantities
  high: string;
}

/** The colours that charts are drawn with. */
export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: colour("--text"),
    muted: colour("--muted"),
    line: colour("--line"),
    surface: colour("--surface"),
    previous: colour("--previous"),
    categories: [1, 2, 3, 4, 5, 6, 7, 8].map((at) => colour(`--category-${at}`)),
    low: colour("--scale-low"),
    high: colour("--scale-high"),
  };
}

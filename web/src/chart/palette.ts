// One colour per category across a whole dashboard, the same at every visit: tiles arrive in any order, so the name
// chooses, and takes the next free colour where another name was there before.
import type { Ink } from "../theme";

const kMetals: Record<string, string> = { bronze: "#B87333", silver: "#8E9AA6", gold: "#D4A017" };

export class Palette {
  private readonly places = new Map<string, number>();

  colour(category: string, ink: Ink): string {
    const metal = kMetals[category.toLowerCase()];
    if (metal) return metal;
    let place = this.places.get(category);
    if (place === undefined) {
      place = this.free(hash(category) % ink.categories.length, ink.categories.length);
      this.places.set(category, place);
    }
    return ink.categories[place] ?? ink.text;
  }

  private free(wanted: number, count: number): number {
    const taken = new Set(this.places.values());
    for (let step = 0; step < count; step += 1) {
      const place = (wanted + step) % count;
      if (!taken.has(place)) return place;
    }
    return wanted;
  }
}

function hash(text: string): number {
  let value = 2166136261;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 16777619) >>> 0;
  return value;
}

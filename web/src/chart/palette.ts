// One colour per category across a whole dashboard: whoever names a category first fixes it.
import type { Ink } from "../theme";

const kMetals: Record<string, string> = { bronze: "#B87333", silver: "#8E9AA6", gold: "#D4A017" };

export class Palette {
  private readonly places = new Map<string, number>();

  colour(category: string, ink: Ink): string {
    const metal = kMetals[category.toLowerCase()];
    if (metal) return metal;
    let place = this.places.get(category);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(category, place);
    }
    return ink.categories[place % ink.categories.length] ?? ink.text;
  }
}

/** The views by the name that a picture gives. To add one: its file, and a line here. */

import { ConfusionView } from "./confusion.js";
import { CurveView } from "./curve.js";
import { DiagramView } from "./diagram.js";
import { DigitsView } from "./digits.js";
import { FieldView } from "./field.js";
import { FiltersView } from "./filters.js";
import { MapsView } from "./maps.js";

/** @type {Record<string, new (body: HTMLElement, caption: HTMLElement, store: import("../store.js").Store) => any>} */
export const VIEWS = {
  field: FieldView,
  curve: CurveView,
  diagram: DiagramView,
  digits: DigitsView,
  filters: FiltersView,
  maps: MapsView,
  confusion: ConfusionView,
};

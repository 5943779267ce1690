/** The views by the name that a picture gives. To add one: its file, and a line here. */

import { AgreementView } from "./plane/agreement.js";
import { AttentionView } from "./sequences/attention.js";
import { BackflowView } from "./sequences/backflow.js";
import { CodeView } from "./images/code.js";
import { ConfusionView } from "./images/confusion.js";
import { CurveView } from "./plane/curve.js";
import { DiagramView } from "./layers/diagram.js";
import { DigitsView } from "./images/digits.js";
import { FieldView } from "./plane/field.js";
import { FiltersView } from "./images/filters.js";
import { MapsView } from "./images/maps.js";
import { PositionsView } from "./sequences/positions.js";
import { ReconstructionsView } from "./images/reconstructions.js";
import { RowsView } from "./sequences/rows.js";
import { StatesView } from "./sequences/states.js";
import { StatisticsView } from "./layers/statistics.js";
import { SurfaceView } from "./plane/surface.js";
import { TextView } from "./sequences/text.js";

/** @type {Record<string, new (body: HTMLElement, caption: HTMLElement, store: import("../state/store.js").Store) => any>} */
export const VIEWS = {
  field: FieldView,
  curve: CurveView,
  diagram: DiagramView,
  digits: DigitsView,
  filters: FiltersView,
  maps: MapsView,
  confusion: ConfusionView,
  statistics: StatisticsView,
  surface: SurfaceView,
  reconstructions: ReconstructionsView,
  "latent-space": CodeView,
  states: StatesView,
  "gradient-norm": BackflowView,
  rows: RowsView,
  text: TextView,
  attention: AttentionView,
  "position-accuracy": PositionsView,
  agreement: AgreementView,
};

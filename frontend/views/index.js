/** The views by the name that a picture gives. To add one: its file, and a line here. */

import { AgreementView } from "./agreement.js";
import { AttentionView } from "./attention.js";
import { BackflowView } from "./backflow.js";
import { CodeView } from "./code.js";
import { ConfusionView } from "./confusion.js";
import { CurveView } from "./curve.js";
import { DiagramView } from "./diagram.js";
import { DigitsView } from "./digits.js";
import { FieldView } from "./field.js";
import { FiltersView } from "./filters.js";
import { MapsView } from "./maps.js";
import { PositionsView } from "./positions.js";
import { ReconstructionsView } from "./reconstructions.js";
import { RowsView } from "./rows.js";
import { StatesView } from "./states.js";
import { StatisticsView } from "./statistics.js";
import { SurfaceView } from "./surface.js";
import { TextView } from "./text.js";

/** @type {Record<string, new (body: HTMLElement, caption: HTMLElement, store: import("../store.js").Store) => any>} */
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
  code: CodeView,
  states: StatesView,
  backflow: BackflowView,
  rows: RowsView,
  text: TextView,
  attention: AttentionView,
  positions: PositionsView,
  agreement: AgreementView,
};

/** The views by the name that a picture gives. To add one: its file, and a line here. */

export { ConfusionView as confusion } from "./images/confusion.js";
export { DigitsView as digits } from "./images/digits.js";
export { FiltersView as filters } from "./images/filters.js";
export { LatentSpaceView as "latent-space" } from "./images/latent_space.js";
export { MapsView as maps } from "./images/maps.js";
export { ReconstructionsView as reconstructions } from "./images/reconstructions.js";
export { DiagramView as diagram } from "./layers/diagram.js";
export { StatisticsView as statistics } from "./layers/statistics.js";
export { AgreementView as agreement } from "./plane/agreement.js";
export { CurveView as curve } from "./plane/curve.js";
export { FieldView as field } from "./plane/field.js";
export { HeightsView as heights } from "./plane/heights.js";
export { StandingsView as standings } from "./plane/standings.js";
export { SurfaceView as surface } from "./plane/surface.js";
export { AttentionView as attention } from "./sequences/attention.js";
export { GradientNormView as "gradient-norm" } from "./sequences/gradient_norm.js";
export { PositionAccuracyView as "position-accuracy" } from "./sequences/position_accuracy.js";
export { RowsView as rows } from "./sequences/rows.js";
export { StatesView as states } from "./sequences/states.js";
export { TextView as text } from "./sequences/text.js";

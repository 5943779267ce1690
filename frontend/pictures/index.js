/**
 * The views by the name that a picture gives, each loaded with its first card. To add one: its file, and a line here.
 */

/** @typedef {import("./view.js").ViewClass} ViewClass */
/** @typedef {import("./view.js").Shape} Shape */
/**
 * What is known of a kind of view before it is there: its shape, with which kind it shares a place, and how it is
 * loaded.
 * @typedef {{shape: Shape, companion?: import("./view.js").Companion, load: () => Promise<ViewClass>}} Kind
 */

/** @type {Record<string, Kind>} */
export const VIEWS = {
  confusion: { shape: "square", load: async () => (await import("./images/confusion.js")).ConfusionView },
  digits: {
    shape: "wide",
    companion: { kind: "maps", share: 0.45 },
    load: async () => (await import("./images/digits.js")).DigitsView,
  },
  filters: { shape: "square", load: async () => (await import("./images/filters.js")).FiltersView },
  "latent-space": { shape: "square", load: async () => (await import("./images/latent_space.js")).LatentSpaceView },
  maps: { shape: "wide", load: async () => (await import("./images/maps.js")).MapsView },
  reconstructions: {
    shape: "wide",
    companion: { kind: "latent-space", share: 0.5 },
    load: async () => (await import("./images/reconstructions.js")).ReconstructionsView,
  },
  diagram: { shape: "wide", load: async () => (await import("./layers/diagram.js")).DiagramView },
  statistics: { shape: "aside", load: async () => (await import("./layers/statistics.js")).StatisticsView },
  agreement: { shape: "square", load: async () => (await import("./plane/agreement.js")).AgreementView },
  curve: { shape: "wide", load: async () => (await import("./plane/curve.js")).CurveView },
  field: { shape: "square", load: async () => (await import("./plane/field.js")).FieldView },
  heights: { shape: "square", load: async () => (await import("./plane/heights.js")).HeightsView },
  standings: { shape: "wide", load: async () => (await import("./plane/standings.js")).StandingsView },
  surface: { shape: "square", load: async () => (await import("./plane/surface.js")).SurfaceView },
  attention: { shape: "wide", load: async () => (await import("./sequences/attention.js")).AttentionView },
  "gradient-norm": { shape: "wide", load: async () => (await import("./sequences/gradient_norm.js")).GradientNormView },
  "position-accuracy": {
    shape: "wide",
    companion: { kind: "diagram", share: 0.55 },
    load: async () => (await import("./sequences/position_accuracy.js")).PositionAccuracyView,
  },
  rows: {
    shape: "tall",
    companion: { kind: "states", share: 0.6 },
    load: async () => (await import("./sequences/rows.js")).RowsView,
  },
  states: { shape: "wide", load: async () => (await import("./sequences/states.js")).StatesView },
  text: { shape: "tall", load: async () => (await import("./sequences/text.js")).TextView },
};

/** The picture of each kind of stop, above its matrices. */

import { ActivationBackPicture, ActivationPicture, DropoutBackPicture, DropoutPicture } from "./activation.js";
import { AttentionBackPicture, AttentionPicture } from "./attention.js";
import { CompositePicture } from "./composite.js";
import { ConvolutionBackPicture, ConvolutionPicture } from "./convolution.js";
import { DenseBackPicture, DensePicture } from "./dense.js";
import { EmbeddingPicture, PositionPicture } from "./embedding.js";
import { ErrorPicture } from "./errors.js";
import { NormBackPicture, NormPicture } from "./normalization.js";
import { OptimizerPicture } from "./optimizer.js";
import { GlobalPoolPicture, PoolBackPicture, PoolPicture, UnpoolPicture, UpSamplePicture } from "./pooling.js";
import { RecurrentBackPicture, RecurrentPicture } from "./recurrent.js";
import { ReshapePicture } from "./reshape.js";
import { CrossEntropyPicture, SoftmaxBackPicture, SoftmaxPicture } from "./softmax.js";
import { TransposePicture } from "./transpose.js";

/** @import {Cell, Stop} from "../../server/one_step.js" */
/** @import {Glass} from "../opened_step.js" */

/**
 * A picture of one kind of stop.
 * @typedef {object} KindPicture
 * @property {(stop: Stop, cell: Cell | null) => Promise<void>} show
 * @property {(stop: Stop, cell: Cell, wide: number) => Promise<void>} ahead asks for what it would draw
 * @property {(cells: {symbol: string, index: number[]}[]) => void} light
 */

/** @typedef {{new (mount: HTMLElement, glass: Glass): KindPicture, alone?: boolean}} KindClass */

/** By "Dense forward", or "Dense" for all ways. @type {Record<string, KindClass>} */
const PICTURES = {
  "AveragePool2D forward": PoolPicture,
  "AveragePool2D backward": PoolBackPicture,
  "BatchNorm forward": NormPicture,
  "BatchNorm backward": NormBackPicture,
  BinaryCrossEntropy: ErrorPicture,
  "Conv1D forward": ConvolutionPicture,
  "Conv1D backward": ConvolutionBackPicture,
  "Conv2D forward": ConvolutionPicture,
  "Conv2D backward": ConvolutionBackPicture,
  Conv2DTranspose: TransposePicture,
  CrossEntropy: CrossEntropyPicture,
  "DepthwiseConv2D forward": ConvolutionPicture,
  "DepthwiseConv2D backward": ConvolutionBackPicture,
  "Dense forward": DensePicture,
  "Dense backward": DenseBackPicture,
  "Dropout forward": DropoutPicture,
  "Dropout backward": DropoutBackPicture,
  Flatten: ReshapePicture,
  GlobalAveragePool2D: GlobalPoolPicture,
  Embedding: EmbeddingPicture,
  "GRU forward": RecurrentPicture,
  "GRU backward": RecurrentBackPicture,
  Huber: ErrorPicture,
  "GroupNorm forward": NormPicture,
  "GroupNorm backward": NormBackPicture,
  "GroupedConv2D forward": ConvolutionPicture,
  "GroupedConv2D backward": ConvolutionBackPicture,
  "LSTM forward": RecurrentPicture,
  "LSTM backward": RecurrentBackPicture,
  "MultiHeadAttention forward": AttentionPicture,
  "MultiHeadAttention backward": AttentionBackPicture,
  "MaxPool2D forward": PoolPicture,
  "MaxPool2D backward": PoolBackPicture,
  MaxUnpool2D: UnpoolPicture,
  "LayerNorm forward": NormPicture,
  "LayerNorm backward": NormBackPicture,
  MSE: ErrorPicture,
  PositionalEncoding: PositionPicture,
  Reshape: ReshapePicture,
  "RMSNorm forward": NormPicture,
  "RMSNorm backward": NormBackPicture,
  "RNN forward": RecurrentPicture,
  "RNN backward": RecurrentBackPicture,
  "Softmax forward": SoftmaxPicture,
  "Softmax backward": SoftmaxBackPicture,
  UpSample2D: UpSamplePicture,
};
/** What works on every number alone has a curve, which the engine computes. @type {Record<string, KindClass>} */
const CURVES = { forward: ActivationPicture, backward: ActivationBackPicture };

/**
 * Give the picture of a stop's kind; null where its matrices say it all.
 * @param {Stop} stop @returns {KindClass | null}
 */
export const pictureOf = (stop) =>
  PICTURES[`${stop.kind} ${stop.way}`] ??
  PICTURES[stop.kind] ??
  (["update", "penalty", "clipping"].includes(stop.way) ? OptimizerPicture : null) ??
  (stop.curve ? CURVES[stop.way] : stop.inside?.length ? Inside : null);

/** What is made of layers shows those inside. */
class Inside extends CompositePicture {
  /** @param {HTMLElement} mount @param {Glass} glass */
  constructor(mount, glass) {
    super(mount, glass, pictureOf);
  }
}

/** The parameters of `torch.set_printoptions`. */
export interface PrintOptions {
  /** Digits after the point. */
  readonly precision: number;
  /** With more elements than this a tensor is summarized. */
  readonly threshold: number;
  /** How many elements a summary shows at either end of a dimension. */
  readonly edgeitems: number;
  /** Characters of a line. */
  readonly linewidth: number;
  /** Scientific notation always, never, or (null) where magnitudes ask for it. */
  readonly sciMode: boolean | null;
}

export const printProfiles = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
} as const;

export const defaultPrintOptions: PrintOptions = { ...printProfiles.default, sciMode: null };

/**
 * Load shapes and budgets as data. Imports nothing: k6 and Node both load it.
 * Every number can be set by `-e NAME=VALUE` with the name in capitals: `-e PEAK=20 -e HOLD=5`.
 */

/** An open model: uploads start at a rate, whether or not earlier ones have ended. */
export type Shape = {
  /** Uploads started per second before and after the spike. */
  readonly base: number;
  /** Uploads started per second at the top. */
  readonly peak: number;
  /** Seconds at the base rate before the spike. */
  readonly lead: number;
  /** Seconds from base to peak. */
  readonly rise: number;
  /** Seconds at the peak. */
  readonly hold: number;
  /** Seconds from peak back to base. */
  readonly fall: number;
  /** Size of each upload, in bytes. */
  readonly bytes: number;
  /** Virtual users kept ready for each upload per second at the top: the seconds an upload may take before one is missed. */
  readonly patience: number;
};

/** The shapes by scenario. */
export const SHAPES = {
  spike: { base: 0.8, peak: 40, lead: 5, rise: 5, hold: 30, fall: 5, bytes: 4_096, patience: 3 },
} as const satisfies Record<string, Shape>;

/** Name of a scenario: a script of that name lies beside this file. */
export type ScenarioName = keyof typeof SHAPES;

/** A shape with the given settings applied. Throws on a setting that is not a number of at least 0 (seconds may end in `s`). */
export const shapeWith = (shape: Shape, settings: Readonly<Record<string, string | undefined>>): Shape => {
  const changed: Record<string, number> = { ...shape };
  for (const name of Object.keys(shape)) {
    const text = settings[name.toUpperCase()];
    if (text === undefined || text === '') continue;
    const value = Number(text.replace(/s$/, ''));
    if (!Number.isFinite(value) || value < 0) throw new Error(`${name.toUpperCase()} must be a number, not "${text}"`);
    changed[name] = value;
  }
  return { ...shape, ...changed };
};

/** k6 takes whole numbers alone, so its rates are uploads started in this many seconds. */
export const UNIT_SECONDS = 10;

/** A rate per second as k6 takes it. */
export const rateOf = (perSecond: number): number => Math.round(perSecond * UNIT_SECONDS);

/** k6's stages for a shape: lead, rise, hold, fall; those of no length are left out. */
export const stagesOf = (shape: Shape): { target: number; duration: string }[] =>
  [
    { target: shape.base, seconds: shape.lead },
    { target: shape.peak, seconds: shape.rise },
    { target: shape.peak, seconds: shape.hold },
    { target: shape.base, seconds: shape.fall },
  ]
    .filter(({ seconds }) => seconds > 0)
    .map(({ target, seconds }) => ({ target: rateOf(target), duration: `${seconds}s` }));

/** Uploads a shape starts in all: the area under its rates. */
export const plannedUploads = (shape: Shape): number =>
  shape.base * shape.lead + ((shape.base + shape.peak) / 2) * (shape.rise + shape.fall) + shape.peak * shape.hold;

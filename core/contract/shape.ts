/**
 * The form of parsed JSON, as the hops check it: small enough for the edge, strict, every fault with its JSON pointer. People get their
 * sentences from the schemas; here is only what a machine must know.
 */

/** Takes one fault. */
export type AddFault = (path: string, message: string) => void;

/** Checks a value that stands at `path` and tells every fault. */
export type Shape = (value: unknown, path: string, add: AddFault) => void;

type Fault = { readonly path: string; readonly message: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const below = (path: string, name: string): string => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const INVALID = 'is not valid here';

/** Whatever passes a test. */
export const is =
  (test: (value: unknown) => boolean, message = INVALID): Shape =>
  (value, path, add) => {
    if (!test(value)) add(path, message);
  };

/** A text that matches. */
export const matches = (pattern: RegExp, message?: string): Shape =>
  is((value) => typeof value === 'string' && pattern.test(value), message);

/** One of these. */
export const oneOf = (values: readonly unknown[]): Shape => is((value) => values.includes(value));

/** A number within bounds, both allowed. */
export const within = (min: number, max: number): Shape =>
  is((value) => typeof value === 'number' && value >= min && value <= max);

/** A whole number within bounds, both allowed. */
export const whole = (min: number, max = Number.MAX_SAFE_INTEGER): Shape =>
  is((value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max);

/** `null`, or this. */
export const orNull =
  (shape: Shape): Shape =>
  (value, path, add) => {
    if (value !== null) shape(value, path, add);
  };

/** A list of `min` to `max` of these. */
export const list =
  (item: Shape, min = 0, max = Number.POSITIVE_INFINITY): Shape =>
  (value, path, add) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) add(path, INVALID);
    else for (const [index, member] of value.entries()) item(member, `${path}/${index}`, add);
  };

/** An object whose every member is one of these. */
export const record =
  (name: Shape, member: Shape): Shape =>
  (value, path, add) => {
    if (!isObject(value)) return add(path, INVALID);
    for (const [key, one] of Object.entries(value)) {
      name(key, below(path, key), add);
      member(one, below(path, key), add);
    }
  };

export type ObjectOptions = {
  /** Members that may be missing. */
  readonly optional?: Readonly<Record<string, Shape>>;
  /** Further members are passed by; without it they are faults. */
  readonly others?: true;
  /** Asked once all members are good. */
  readonly and?: Shape;
};

/** An object with these members. */
export const object =
  (members: Readonly<Record<string, Shape>>, { optional = {}, others, and }: ObjectOptions = {}): Shape =>
  (value, path, add) => {
    if (!isObject(value)) return add(path, INVALID);
    let good = true;
    const tell: AddFault = (where, message) => {
      good = false;
      add(where, message);
    };
    const shapes = { ...members, ...optional };
    for (const name of Object.keys(value)) {
      if (others === undefined && !Object.hasOwn(shapes, name)) tell(below(path, name), 'is not a member here');
    }
    for (const [name, shape] of Object.entries(shapes)) {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      if (member !== undefined) shape(member, `${path}/${name}`, tell);
      else if (Object.hasOwn(members, name)) tell(`${path}/${name}`, 'is required');
    }
    if (good) and?.(value, path, tell);
  };

/** Every fault of a value; none: it has the shape. Never throws. */
export const faultsOfShape = (shape: Shape, value: unknown): readonly Fault[] => {
  const faults: Fault[] = [];
  shape(value, '', (path, message) => faults.push({ path, message }));
  return faults;
};

const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Whether a value is an ISO 8601 time in UTC that exists. */
export const isUtcTime = (value: unknown): value is string =>
  typeof value === 'string' && UTC_TIME.test(value) && !Number.isNaN(Date.parse(value));

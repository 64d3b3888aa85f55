import { EDGE_REGIONS } from '../places.ts';

type Point = { readonly lat: number; readonly lon: number };

const EARTH_KM = 6_371;
/** Round trip in fibre, milliseconds a kilometre, with half as much again for the way cables take. */
const MS_PER_KM = 0.015;
const BASE_MS = 2;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** A round trip between two points by great circle, in milliseconds. */
export const roundTripMs = (a: Point, b: Point): number => {
  const half =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return BASE_MS + 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half))) * MS_PER_KM;
};

/** Waits for a round trip from `from` to the Region of that name; an unknown Region takes no time. */
export const travel = (from: Point, regionName: string): Promise<void> => {
  const region = EDGE_REGIONS.find(({ name }) => name === regionName);
  if (region === undefined) return Promise.resolve();
  return new Promise((resolve) => setTimeout(resolve, roundTripMs(from, region)));
};

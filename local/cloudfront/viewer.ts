import { EDGE_REGIONS, findPlace, nearestEdgeRegion } from '../places.ts';

/** Where a request comes from, as its event shows it. */
export type Viewer = {
  /** CloudFront's location headers; none for a caller inside AWS. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly lat: number;
  readonly lon: number;
  /** The Region whose replica of the function runs. */
  readonly edgeRegion: string;
};

/** Wishes remembered at most; beyond them each request is read anew. */
const KNOWN_MAX = 10_000;
const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

/** Non-ASCII letters of CloudFront's location headers are percent-encoded. Source: "Add CloudFront request headers". */
const ascii = (text: string): string => text.replace(/[^\x20-\x7e]+/g, (letters) => encodeURIComponent(letters));

const pointHeaders = (lat: number, lon: number): [string, string][] => [
  ['CloudFront-Viewer-Latitude', lat.toFixed(5)],
  ['CloudFront-Viewer-Longitude', lon.toFixed(5)],
];

/** Where callers inside AWS's own network reach CloudFront. */
const AWS_CALLER = EDGE_REGIONS.find(({ name }) => name === 'us-east-1') ?? { lat: 0, lon: 0 };
const POINT = /^(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?);([A-Z]{2})$/;

const at = (lat: number, lon: number, headers: [string, string][]): Viewer => ({
  headers,
  lat,
  lon,
  edgeRegion: nearestEdgeRegion(lat, lon),
});

/** Reads a place's slug, `lat,lon;CC`, or `aws` (no location headers); `undefined`: none of them. */
const readViewer = (wish: string): Viewer | undefined => {
  if (wish === 'aws') return at(AWS_CALLER.lat, AWS_CALLER.lon, []);
  const place = findPlace(wish);
  if (place !== undefined)
    return at(place.lat, place.lon, [
      ['CloudFront-Viewer-Country', place.country],
      ['CloudFront-Viewer-Country-Name', ascii(place.countryName)],
      ['CloudFront-Viewer-Country-Region', place.region],
      ['CloudFront-Viewer-Country-Region-Name', ascii(place.regionName)],
      ['CloudFront-Viewer-City', ascii(place.city)],
      ...pointHeaders(place.lat, place.lon),
      ['CloudFront-Viewer-Time-Zone', place.timeZone],
    ]);
  const [, latText, lonText, country] = POINT.exec(wish) ?? [];
  const [lat, lon] = [Number(latText), Number(lonText)];
  if (country === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return at(lat, lon, [
    ['CloudFront-Viewer-Country', country],
    ['CloudFront-Viewer-Country-Name', ascii(countryNames.of(country) ?? country)],
    ...pointHeaders(lat, lon),
  ]);
};

/** Reads `x-sim-viewer`; `undefined` when it names no place. What was read once is kept. */
export const createViewers = (defaultPlace: string): ((wish: string | undefined) => Viewer | undefined) => {
  const known = new Map<string, Viewer>();
  return (wish) => {
    const name = wish ?? defaultPlace;
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const viewer = readViewer(name);
    if (viewer !== undefined && known.size < KNOWN_MAX) known.set(name, viewer);
    return viewer;
  };
};

/** A point on the globe, in degrees. */
export type Place = { readonly lat: number; readonly lon: number };

const EARTH_RADIUS_KM = 6_371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in kilometres, by the haversine formula. */
export const distanceKm = (a: Place, b: Place): number => {
  const lat = Math.sin(radians(b.lat - a.lat) / 2) ** 2;
  const lon = Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  const h = lat + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * lon;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
};

/** Region codes from near to far; equal distances by code, so that the order never depends on how a configuration was written. */
export const byDistance = (
  place: Place,
  codes: readonly string[],
  regions: Readonly<Record<string, Place>>,
): readonly string[] =>
  codes
    .flatMap((code) => {
      const region = regions[code];
      return region === undefined ? [] : [{ code, km: distanceKm(place, region) }];
    })
    .sort((a, b) => a.km - b.km || (a.code < b.code ? -1 : 1))
    .map(({ code }) => code);

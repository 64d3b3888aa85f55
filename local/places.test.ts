import { describe, expect, it } from 'vitest';
import { DEFAULT_PLACE, EDGE_REGIONS, findPlace, nearestEdgeRegion, PLACES, placeSlugs } from './places.ts';

describe('places', () => {
  it('are at least forty, each with a name of its own and real values', () => {
    expect(PLACES.length).toBeGreaterThanOrEqual(40);
    expect(new Set(PLACES.map(({ slug }) => slug)).size).toBe(PLACES.length);
    for (const place of PLACES) {
      expect(place.slug, place.slug).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(place.country, place.slug).toMatch(/^[A-Z]{2}$/);
      expect(place.region, place.slug).toMatch(/^[A-Z0-9]{1,3}$/);
      expect(Math.abs(place.lat), place.slug).toBeLessThan(90);
      expect(Math.abs(place.lon), place.slug).toBeLessThan(180);
      expect(() => new Intl.DateTimeFormat('en', { timeZone: place.timeZone }), place.slug).not.toThrow();
    }
    expect(placeSlugs()).toHaveLength(PLACES.length);
    expect(findPlace(DEFAULT_PLACE)?.country).toBe('IE');
  });

  it.each([
    ['dublin', 'eu-west-1'],
    ['london', 'eu-west-2'],
    ['berlin', 'eu-central-1'],
    ['new-york', 'us-east-1'],
    ['chicago', 'us-east-2'],
    ['seattle', 'us-west-2'],
    ['san-francisco', 'us-west-1'],
    ['sao-paulo', 'sa-east-1'],
    ['mumbai', 'ap-south-1'],
    ['jakarta', 'ap-southeast-1'],
    ['sydney', 'ap-southeast-2'],
    ['osaka', 'ap-northeast-1'],
    ['seoul', 'ap-northeast-2'],
    ['suva', 'ap-southeast-2'],
  ])('a viewer in %s meets Lambda@Edge in %s', (slug, region) => {
    const place = findPlace(slug);
    expect(nearestEdgeRegion(place?.lat ?? Number.NaN, place?.lon ?? Number.NaN)).toBe(region);
  });

  it('crosses the date line', () => {
    expect(nearestEdgeRegion(-18, -179.9)).toBe('ap-southeast-2');
    expect(EDGE_REGIONS).toHaveLength(13);
  });
});

import { describe, expect, it } from 'vitest';
import { readViewer } from './viewer.ts';

const viewer = (headers: Record<string, readonly string[]>) =>
  readViewer({
    headers: new Map(Object.entries(headers).map(([name, values]) => [`cloudfront-viewer-${name}`, values])),
  });

describe("the viewer's place", () => {
  it('is what CloudFront says', () => {
    expect(viewer({ latitude: ['-33.86780'], longitude: ['151.20730'], country: ['AU'] })).toEqual({
      lat: -33.8678,
      lon: 151.2073,
      country: 'AU',
    });
  });

  it('is unknown without the headers', () => {
    expect(viewer({})).toEqual({ lat: null, lon: null, country: null });
  });

  it.each([
    ['90.1', null],
    ['-90', -90],
    ['', null],
    ['1e1', null],
    ['0x10', null],
    [' 5', null],
    ['NaN', null],
    ['Infinity', null],
  ])('latitude %j is %j', (text, lat) => {
    expect(viewer({ latitude: [text] }).lat).toBe(lat);
  });

  it('takes longitudes up to 180 degrees', () => {
    expect(viewer({ longitude: ['-179.99'] }).lon).toBe(-179.99);
    expect(viewer({ longitude: ['180.01'] }).lon).toBeNull();
  });

  it('believes no header that stands twice', () => {
    expect(viewer({ latitude: ['1', '2'], country: ['AU', 'IE'] })).toMatchObject({ lat: null, country: null });
  });

  it.each(['au', 'AUS', 'A', '__', ''])('country %j is none', (country) => {
    expect(viewer({ country: [country] }).country).toBeNull();
  });
});

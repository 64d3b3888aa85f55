import { type GateRequest, singleHeader } from './request.ts';

/** Where CloudFront believes the viewer is; absent facts are `null`. */
export type Viewer = { readonly lat: number | null; readonly lon: number | null; readonly country: string | null };

const DEGREES = /^-?\d{1,3}(?:\.\d{1,10})?$/;
const COUNTRY = /^[A-Z]{2}$/;

const degrees = (text: string | undefined, max: number): number | null => {
  if (text === undefined || !DEGREES.test(text)) return null;
  const value = Number(text);
  return Math.abs(value) <= max ? value : null;
};

/**
 * Reads CloudFront's viewer location headers; CloudFront overwrites what a client sends under these names. They are missing
 * for callers inside AWS. Source: CloudFront, "Add CloudFront request headers".
 */
export const readViewer = (request: Pick<GateRequest, 'headers'>): Viewer => {
  const country = singleHeader(request, 'cloudfront-viewer-country');
  return {
    lat: degrees(singleHeader(request, 'cloudfront-viewer-latitude'), 90),
    lon: degrees(singleHeader(request, 'cloudfront-viewer-longitude'), 180),
    country: country !== undefined && COUNTRY.test(country) ? country : null,
  };
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import type { ChecksumMode } from '../contract/states.ts';
import { CONTEXT, metadataFor, OWNER, SHA256, SHA256_BASE64 } from './grants.fixture.ts';
import { grantParts, type PartGrantsRequest } from './part-grants.ts';

const MIB = 1_048_576;
const SIZE = 20 * MIB + 7;

const planOf = (checksumMode: ChecksumMode = 'none', size = SIZE, partSize = 8 * MIB) => {
  const { id } = metadataFor({ kind: 'multipart', checksumMode, size, partSize });
  return { id, size, partSize, checksumMode };
};

const REQUEST: PartGrantsRequest = {
  ...CONTEXT,
  plan: planOf(),
  uploadId: 'up/load+id=.~',
  parts: [{ number: 1 }, { number: 3 }],
  expiresIn: 900,
};

const queryOf = (url: string | undefined): URLSearchParams => new URL(url ?? '').searchParams;
const signatureOf = (request: PartGrantsRequest) => queryOf(grantParts(request)[0]?.url).get('X-Amz-Signature');

/** CPU milliseconds of the best of five runs. */
const cpuOf = (work: () => unknown): number => {
  const once = (): number => {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1_000;
  };
  return Math.min(...Array.from({ length: 5 }, once));
};

describe('grantParts', () => {
  it('gives each part the bytes the plan gives it', () => {
    expect(grantParts(REQUEST)).toEqual([
      { number: 1, size: 8 * MIB, url: expect.any(String), headers: {}, expiresAt: '2026-11-21T12:15:00.000Z' },
      { number: 3, size: 4 * MIB + 7, url: expect.any(String), headers: {}, expiresAt: '2026-11-21T12:15:00.000Z' },
    ]);
  });

  it('names key, number and upload in the URL, each encoded', () => {
    const [, last] = grantParts(REQUEST);
    expect(last?.url.split('?')[0]).toBe(
      `https://uploads.s3.eu-west-1.amazonaws.com/u/acme/${OWNER}/${REQUEST.plan.id}`,
    );
    expect(last?.url).toContain('&partNumber=3&uploadId=up%2Fload%2Bid%3D.~&');
  });

  it('leaves nothing else in the query', () => {
    expect([...queryOf(grantParts(REQUEST)[0]?.url).keys()].sort()).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Security-Token',
      'X-Amz-Signature',
      'X-Amz-SignedHeaders',
      'partNumber',
      'uploadId',
    ]);
  });

  it('signs the length', () => {
    expect(queryOf(grantParts(REQUEST)[0]?.url).get('X-Amz-SignedHeaders')).toBe('content-length;host');
  });

  it('signs the SHA-256 of a part where the plan asks for one', () => {
    const parts = [{ number: 2, sha256: SHA256 }];
    const [part] = grantParts({ ...REQUEST, plan: planOf('sha256'), parts });
    expect(part?.headers).toEqual({ 'x-amz-checksum-sha256': SHA256_BASE64 });
    expect(queryOf(part?.url).get('X-Amz-SignedHeaders')).toBe('content-length;host;x-amz-checksum-sha256');
  });

  it('refuses a part without the SHA-256 the plan asks for', () => {
    expect(() => grantParts({ ...REQUEST, plan: planOf('sha256') })).toThrow(/needs a SHA-256/);
  });

  it('refuses a SHA-256 nobody asked for', () => {
    expect(() => grantParts({ ...REQUEST, parts: [{ number: 1, sha256: SHA256 }] })).toThrow(/needs a SHA-256/);
  });

  it.each([0, 4, 1.5, 10_001])('refuses the number %s of three', (number) => {
    expect(() => grantParts({ ...REQUEST, parts: [{ number }] })).toThrow(/none of the 3 planned/);
  });

  it.each([0, -5, 1.5, 59, 3_601])('refuses the expiry %s', (expiresIn) => {
    expect(() => grantParts({ ...REQUEST, expiresIn })).toThrow(/whole number of seconds from 60 to 3600/);
  });

  it('ends with the credentials', () => {
    const credentials = { ...CONTEXT.credentials, expiresAt: Date.UTC(2026, 10, 21, 12, 5) };
    const [part] = grantParts({ ...REQUEST, credentials });
    expect(queryOf(part?.url).get('X-Amz-Expires')).toBe('300');
    expect(part?.expiresAt).toBe('2026-11-21T12:05:00.000Z');
  });

  it.each<[string, Partial<PartGrantsRequest>]>([
    ['the number', { parts: [{ number: 2 }] }],
    ['the upload', { uploadId: 'another' }],
    ['the owner', { ownerKey: 'b'.repeat(32) }],
    ['the issuer', { issuerId: 'globex' }],
    ['the id', { plan: { ...planOf(), id: planOf('none', SIZE + 1).id } }],
    ['the part size', { plan: { ...planOf(), partSize: 9 * MIB } }],
    ['the expiry', { expiresIn: 901 }],
  ])('signs otherwise for another value of %s', (_, change) => {
    expect(signatureOf({ ...REQUEST, ...change })).not.toBe(signatureOf(REQUEST));
  });

  it('signs another length for every size of one part', () => {
    const ofSize = (size: number) =>
      signatureOf({ ...REQUEST, plan: { ...REQUEST.plan, size }, parts: [{ number: 1 }] });
    expect(ofSize(7)).not.toBe(ofSize(8));
  });

  it('keeps any upload id inside its own parameter', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,200}$/), (uploadId) => {
        const [part] = grantParts({ ...REQUEST, uploadId, parts: [{ number: 1 }] });
        const query = queryOf(part?.url);
        expect([query.get('uploadId'), query.get('partNumber')]).toEqual([uploadId, '1']);
        expect([...query.keys()]).toHaveLength(9);
      }),
      { numRuns: budgetRuns(1_000) },
    );
  });

  it.each([
    [200, 10],
    [10_000, 1_000],
  ])('signs %s parts in less than %s ms of CPU', (count, limit) => {
    const sessionToken = 'IQoJb3JpZ2luX2Vj'.repeat(70);
    const request = {
      ...REQUEST,
      credentials: { ...CONTEXT.credentials, sessionToken },
      plan: planOf('sha256', 10_000 * 8 * MIB),
      parts: Array.from({ length: count }, (_, index) => ({ number: index + 1, sha256: SHA256 })),
    };
    expect(cpuOf(() => grantParts(request))).toBeLessThan(limit);
  });
});

import { Readable } from 'node:stream';
import { GetObjectAttributesCommand } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { asking, newKey, outcome, type SuiteContext } from './context.ts';
import { at, beginning, FIRST, FIRST_ETAG, LAST, LAST_ETAG } from './multipart-context.ts';

interface Known {
  readonly begun: { readonly ChecksumAlgorithm?: string; readonly ChecksumType?: string };
  readonly name: string;
  readonly type: 'COMPOSITE' | 'FULL_OBJECT';
  /** Of the first part, of the last, of the object; worked out elsewhere. */
  readonly values: readonly [string, string, string];
}

const KNOWN: readonly Known[] = [
  {
    begun: { ChecksumAlgorithm: 'SHA256' },
    name: 'ChecksumSHA256',
    type: 'COMPOSITE',
    values: [
      'oplo+tLngqqfIECjXwWtuX7Yl56x9XLIyOp4Y34nXzw=',
      'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
      '0cj4J7UHrH1zzQ7wRAlT/mwrxe6Fk8PnlW+VeZ8ULy8=-2',
    ],
  },
  {
    begun: { ChecksumAlgorithm: 'CRC64NVME' },
    name: 'ChecksumCRC64NVME',
    type: 'FULL_OBJECT',
    values: ['PbvLEkWUSgg=', 'rosUhgp5mIg=', '51xgK7Vsw64='],
  },
  {
    begun: { ChecksumAlgorithm: 'CRC32' },
    name: 'ChecksumCRC32',
    type: 'COMPOSITE',
    values: ['r/zBbw==', 'y/Q5Jg==', 'u0/tJQ==-2'],
  },
  {
    begun: { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    name: 'ChecksumCRC32',
    type: 'FULL_OBJECT',
    values: ['r/zBbw==', 'y/Q5Jg==', 'tbbDbA=='],
  },
  {
    begun: { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' },
    name: 'ChecksumCRC32C',
    type: 'FULL_OBJECT',
    values: ['WpuOeg==', '4waSgw==', '1/pyVA=='],
  },
];
const BOTH = [
  { PartNumber: 1, ETag: FIRST_ETAG },
  { PartNumber: 2, ETag: LAST_ETAG },
];

/** Checksums of parts and of the objects they make. */
export function multipartChecksumSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { head, get, absent, plainClient } = asking(context);
  const begin = beginning(context, plainClient);
  const attributesOf = (Key: string) =>
    client().send(
      new GetObjectAttributesCommand({
        Bucket: target().bucket,
        Key,
        ObjectAttributes: ['Checksum', 'ETag', 'ObjectParts', 'ObjectSize', 'StorageClass'],
      }),
    );

  describe('checksums of parts', () => {
    for (const { begun, name, type, values } of KNOWN) {
      claim(`${begun.ChecksumAlgorithm} ${type}: of each part, of the list, of the object`, async () => {
        const { key, part, parts, complete } = await begin(begun);
        expect(await part(1, FIRST, { [name]: values[0] })).toMatchObject({ [name]: values[0] });
        await part(2, LAST, { [name]: values[1] });
        expect((await parts()).Parts).toMatchObject([{ [name]: values[0] }, { [name]: values[1] }]);
        const claimed = BOTH.map((one, i) => ({ ...one, [name]: values[i] }));
        expect(await complete(claimed)).toMatchObject({ [name]: values[2], ChecksumType: type });
        expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({ [name]: values[2], ChecksumType: type });
      });
    }

    claim('none begun: CRC64NVME of the whole object', async () => {
      const { key, part, complete } = await begin();
      await part(1, FIRST);
      await part(2, LAST);
      expect(await complete(BOTH)).toMatchObject({ ChecksumCRC64NVME: '51xgK7Vsw64=', ChecksumType: 'FULL_OBJECT' });
      expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({ ChecksumCRC64NVME: '51xgK7Vsw64=' });
    });

    claim('none begun: a part may bring one of its own, which is checked', async () => {
      const { part, complete } = await begin();
      expect(await outcome(part(1, LAST, { ChecksumSHA256: KNOWN[0]?.values[0] }))).toBe('400 BadDigest');
      expect(await outcome(part(1, LAST, { ChecksumSHA256: KNOWN[0]?.values[1] }))).toBe('ok');
      expect(await complete([{ PartNumber: 1, ETag: LAST_ETAG }])).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=' });
    });

    claim('come behind a part that is a stream', async () => {
      const { key, uploadId, complete } = await begin({ ChecksumAlgorithm: 'SHA256' });
      const upload = at(client(), { Bucket: target().bucket, Key: key }, uploadId);
      const { ChecksumSHA256 } = await upload.part(1, Readable.from([LAST]) as never, {
        ContentLength: 9,
        ChecksumAlgorithm: 'SHA256',
      });
      expect(ChecksumSHA256).toBe(KNOWN[0]?.values[1]);
      await complete([{ PartNumber: 1, ETag: LAST_ETAG, ChecksumSHA256 }]);
      expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({
        ChecksumSHA256: 'KSsNAHVmgy25S/rmic1w0at3KBH9RLn0nYVQ7p6mpJQ=-1',
      });
    });

    claim('are told by GetObjectAttributes, part by part where they make up the object’s', async () => {
      const [composite] = KNOWN;
      const { key, part, complete } = await begin(composite?.begun);
      await part(1, FIRST, { ChecksumSHA256: composite?.values[0] });
      await part(2, LAST, { ChecksumSHA256: composite?.values[1] });
      await complete(BOTH.map((one, i) => ({ ...one, ChecksumSHA256: composite?.values[i] })));
      expect(await attributesOf(key)).toMatchObject({
        ETag: '742fdf85be9a78c3a0fb44b9cb33df45-2',
        ObjectSize: 5_242_889,
        StorageClass: 'STANDARD',
        Checksum: { ChecksumSHA256: '0cj4J7UHrH1zzQ7wRAlT/mwrxe6Fk8PnlW+VeZ8ULy8=', ChecksumType: 'COMPOSITE' },
        ObjectParts: {
          TotalPartsCount: 2,
          Parts: [
            { PartNumber: 1, Size: 5_242_880, ChecksumSHA256: composite?.values[0] },
            { PartNumber: 2, Size: 9, ChecksumSHA256: composite?.values[1] },
          ],
        },
      });
      expect(await get(key, { PartNumber: 2, ChecksumMode: 'ENABLED' })).toMatchObject({
        ChecksumSHA256: composite?.values[1],
      });
    });

    claim('are told by GetObjectAttributes, of the whole object where they are its own', async () => {
      const { key, part, complete } = await begin();
      await part(1, LAST);
      await complete([{ PartNumber: 1, ETag: LAST_ETAG }]);
      const attributes = await attributesOf(key);
      expect(attributes.Checksum).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' });
      expect(attributes.ObjectParts).toMatchObject({ TotalPartsCount: 1 });
      expect(attributes.ObjectParts?.Parts).toBeUndefined();
    });
  });

  describe('refused is', () => {
    const beginnings: readonly [string, object][] = [
      ['an unknown algorithm', { ChecksumAlgorithm: 'CRC16' }],
      ['a type without an algorithm', { ChecksumType: 'COMPOSITE' }],
      ['SHA256 of the full object', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }],
      ['CRC64NVME of parts', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }],
    ];
    for (const [what, more] of beginnings) {
      claim(`${what} at the beginning`, async () => {
        expect(await outcome(begin(more))).toBe('400 InvalidRequest');
      });
    }

    const sha256 = KNOWN[0]?.values ?? ['', '', ''];
    const lies: readonly [string, string, object][] = [
      ['a part without the checksum that was begun', '400 InvalidRequest', {}],
      ['a part with the checksum of another algorithm', '400 InvalidRequest', { ChecksumCRC32: 'y/Q5Jg==' }],
      ['a part with a checksum of other bytes', '400 BadDigest', { ChecksumSHA256: sha256[0] }],
      ['a part with a checksum that is none', '400 InvalidRequest', { ChecksumSHA256: 'FeKw08M4' }],
    ];
    for (const [what, expected, more] of lies) {
      claim(what, async () => {
        const { part, parts } = await begin({ ChecksumAlgorithm: 'SHA256' });
        expect(await outcome(part(1, LAST, more))).toBe(expected);
        expect((await parts()).Parts ?? []).toEqual([]);
      });
    }

    const only = { PartNumber: 1, ETag: LAST_ETAG };
    const completions: readonly [string, string, object, object][] = [
      ['a completion without the checksum of a part', '400 InvalidRequest', only, {}],
      ['a completion with the checksum of another part', '400 InvalidPart', { ...only, ChecksumSHA256: sha256[0] }, {}],
      [
        'a completion with another type of checksum',
        '400 InvalidRequest',
        { ...only, ChecksumSHA256: sha256[1] },
        { ChecksumType: 'FULL_OBJECT' },
      ],
    ];
    for (const [what, expected, claimed, more] of completions) {
      claim(what, async () => {
        const { key, part, parts, complete } = await begin({ ChecksumAlgorithm: 'SHA256' });
        await part(1, LAST, { ChecksumSHA256: sha256[1] });
        expect(await outcome(complete([claimed], more))).toBe(expected);
        expect((await parts()).Parts).toHaveLength(1);
        await absent(key);
      });
    }

    claim('a completion whose CRC64NVME is not that of the object', async () => {
      const { key, part, complete } = await begin({ ChecksumAlgorithm: 'CRC64NVME' });
      await part(1, LAST, { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
      const claimed = [{ ...only, ChecksumCRC64NVME: 'rosUhgp5mIg=' }];
      expect(await outcome(complete(claimed, { ChecksumCRC64NVME: 'PbvLEkWUSgg=' }))).toBe('400 BadDigest');
      await absent(key);
      expect(await outcome(complete(claimed, { ChecksumCRC64NVME: 'rosUhgp5mIg=' }))).toBe('ok');
    });

    claim('a gap in the numbers where parts have checksums', async () => {
      const { key, part, complete } = await begin({ ChecksumAlgorithm: 'SHA256' }, newKey());
      await part(2, LAST, { ChecksumSHA256: sha256[1] });
      const claimed = [{ PartNumber: 2, ETag: LAST_ETAG, ChecksumSHA256: sha256[1] }];
      expect(await outcome(complete(claimed))).toBe('500 InternalError');
      await absent(key);
    });
  });
}

import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
// @ts-expect-error: the package has no types
import untyped from 'dynalite';

export interface DynamoAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Tables on disk, reached by function call alone: nothing listens. */
export interface DynamoEngine {
  call(action: string, body: Buffer | string): Promise<DynamoAnswer>;
  close(): Promise<void>;
}

const dynalite = untyped as (options: {
  readonly path: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
}) => Server;

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** It asks for a signature's form without checking it; the front has checked the real one. */
const HEADERS = {
  'content-type': CONTENT_TYPE,
  'x-amz-date': '20000101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=front, SignedHeaders=front, Signature=front',
};

/** Opens the tables in the folder `path`; the write of an answered call outlives the process. */
export function createDynamoEngine(path: string): DynamoEngine {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return {
    call: (action, body) =>
      new Promise((resolve) => {
        const request = Object.assign(Readable.from([Buffer.from(body)], { objectMode: false }), {
          method: 'POST',
          url: '/',
          headers: { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${action}` },
        });
        server.emit('request', request, collector(resolve));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** As much of a response as dynalite uses. */
function collector(resolve: (answer: DynamoAnswer) => void): object {
  const headers: Record<string, string> = {};
  const response = {
    statusCode: 200,
    setHeader(name: string, value: unknown) {
      headers[name.toLowerCase()] = String(value);
    },
    end(body: string) {
      const crc32 = headers['x-amz-crc32'];
      resolve({ status: response.statusCode, headers: crc32 === undefined ? {} : { 'x-amz-crc32': crc32 }, body });
    },
  };
  return response;
}

import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { UsageError } from './exit.ts';
import { inReadWords, reasonInWords } from './file-error.ts';

const LocalRegion = v.object({
  name: v.string(),
  s3: v.string(),
  bucket: v.string(),
  registryBucket: v.string(),
  queueUrl: v.string(),
});

/** What the command reads of a local platform's `local.json`; what operators need besides is missing where it was written without. */
const LocalJson = v.object({
  pid: v.number(),
  edge: v.string(),
  issuer: v.string(),
  regions: v.optional(v.record(v.string(), LocalRegion)),
  /** The role of whoever publishes and revokes issuers. */
  operator: v.optional(v.object({ accessKeyId: v.string(), secretAccessKey: v.string(), sessionToken: v.string() })),
  /** Ids of the entries that `npm start -- --issuers DIR` added. */
  addedIssuers: v.optional(v.array(v.string())),
});
export type LocalPlatform = v.InferOutput<typeof LocalJson>;

const LOCAL_JSON = 'local.json';
const DATA_FOLDER = '.nearput';

/** Whether a URL points at this machine. */
export const isLoopback = (url: string): boolean => {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
};

/** The origin of an endpoint; https anywhere, http only to this machine. */
export const parseEndpoint = (text: string): string => {
  if (!URL.canParse(text))
    throw new UsageError(`--endpoint ${JSON.stringify(text)} is not a URL; give one such as https://uploads.example`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UsageError(
      `--endpoint ${text} is neither https:// nor http://, and only these are possible; give one such as https://uploads.example`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(text)) {
    throw new UsageError(
      `--endpoint ${text} would send the token in the clear; use https (http is for this machine only)`,
    );
  }
  return url.origin;
};

const isOwn = (path: string): boolean => {
  const uid = process.getuid?.();
  return uid === undefined || statSync(path).uid === uid;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Whether no process has this number any more, as after a platform that was killed. */
export const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};

const readLocalJson = (path: string): LocalPlatform | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(reasonInWords(inReadWords(error)));
  }
  if (!isOwn(path)) throw new UsageError(`${path} belongs to another user and is not trusted; give --endpoint`);
  const parsed = v.safeParse(LocalJson, parseJson(text));
  if (!parsed.success)
    throw new UsageError(`${path} is not a local platform's file; start the platform anew with npm start`);
  const { edge, issuer, regions = {} } = parsed.output;
  const urls = [edge, issuer, ...Object.values(regions).flatMap(({ s3, queueUrl }) => [s3, queueUrl])];
  if (!urls.every(isLoopback)) throw new UsageError(`${path} names another machine and is not trusted`);
  return parsed.output;
};

/** The local platform of a data folder, or of the nearest `.nearput` above `from`. */
export const findLocalPlatform = (input: {
  readonly data: string | undefined;
  readonly from: string;
}): LocalPlatform | undefined => {
  if (input.data !== undefined) {
    const found = readLocalJson(join(resolve(input.data), LOCAL_JSON));
    if (found === undefined)
      throw new UsageError(
        `${input.data} has no ${LOCAL_JSON}; start the platform with npm start -- --data ${input.data}`,
      );
    return found;
  }
  for (let folder = resolve(input.from); ; folder = dirname(folder)) {
    const found = readLocalJson(join(folder, DATA_FOLDER, LOCAL_JSON));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
};

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { pointerOf } from '../../../core/contract/parse-request.ts';
import { PolicyDocumentSchema, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { isUnreachable } from '../store/s3-faults.ts';
import type { HeldPolicy, RegionState, RegionView, RegistryRegion } from './region.ts';

/** SHA-256 of a document as it is stored, 64 lower-case hex. */
export const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** One sentence of whatever was thrown. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === '' || error.message === 'UnknownError' ? error.name : error.message;
  return error.name === 'Error' || text.includes(error.name) ? text : `${error.name}: ${text}`;
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const readPolicy = (body: string, etag: string): RegionState => {
  const result = v.safeParse(PolicyDocumentSchema, parseJson(body));
  if (result.success) return { kind: 'held', held: { document: result.output, body, etag, digest: digestOf(body) } };
  const faults = result.issues.map((issue) => `${pointerOf(issue)} ${issue.message}`.trim());
  return { kind: 'unreadable', reason: faults.join('; ') };
};

/** The policy a Region holds; `undefined` if it holds none that can be read. */
export const heldOf = ({ state }: RegionView): HeldPolicy | undefined =>
  state.kind === 'held' ? state.held : undefined;

/** Whether a Region answers and holds nothing, or something that may be replaced. */
export const isWritable = ({ state }: RegionView): boolean => state.kind === 'held' || state.kind === 'empty';

const readRegion = async (region: RegistryRegion): Promise<RegionView> => {
  try {
    const stored = await region.store.read(REGISTRY_KEYS.policy);
    return { region, state: stored === null ? { kind: 'empty' } : readPolicy(stored.body, stored.etag) };
  } catch (error) {
    return { region, state: { kind: isUnreachable(error) ? 'unreachable' : 'refused', reason: reasonOf(error) } };
  }
};

/** Reads every Region's `policy.json` at once, in the order given. Never throws: a Region that cannot be read says why. */
export const readRegions = (regions: readonly RegistryRegion[]): Promise<readonly RegionView[]> =>
  Promise.all(regions.map(readRegion));

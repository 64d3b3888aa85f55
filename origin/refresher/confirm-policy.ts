import { type Policy, parsePolicy } from '../../core/identity/parse-policy.ts';
import type { RegistryBucket } from './registry-bucket.ts';

/** Parses the body of a `policy.json`. Throws with every fault. */
export const readPolicy = (body: string): Policy => {
  const parsed = parsePolicy(JSON.parse(body));
  if (parsed.ok) return parsed.policy;
  throw new Error(
    `policy.json cannot be read: ${parsed.faults.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
  );
};

/** Whether some other Region answers and none has a newer policy than `version`. Alone, a Region is its own witness. */
export const isConfirmed = async (
  others: ReadonlyMap<string, Pick<RegistryBucket, 'read'>>,
  version: number,
  signal: AbortSignal,
): Promise<boolean> => {
  if (others.size === 0) return true;
  const answers = await Promise.allSettled(
    [...others.values()].map(async (bucket) => {
      const stored = await bucket.read('policy', signal);
      if (stored === null) throw new Error('the other Region has no policy.json');
      return readPolicy(stored.body).version;
    }),
  );
  const versions = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return versions.length > 0 && versions.every((other) => other <= version);
};

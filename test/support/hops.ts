import { type Answer, ask, callGateway, patiently } from './gateway.ts';
import type { LocalJson } from './platform.ts';

/** A place near each Region, by the Region's code. */
const PLACES = { euw1: 'dublin', use1: 'new-york', apse2: 'sydney' } as const;

/** Something that decides by itself whether a token is let in. */
export type Hop = { readonly name: string; readonly ask: (token: string) => Promise<Answer> };

/** Every hop of a platform: the gate near each Region, and each Region's own API. That no instance was free is no answer of theirs. */
export const hopsOf = (platform: LocalJson): readonly Hop[] =>
  Object.entries(PLACES).flatMap(([code, viewer]) => [
    {
      name: `gate at ${viewer}`,
      ask: (token) => patiently(() => callGateway(platform, 'GET', '/v1/whoami', { token, viewer })),
    },
    {
      name: `API of ${code}`,
      ask: (token: string) =>
        patiently(() =>
          ask(`${platform.regions[code]?.api}/v1/uploads?limit=1`, { headers: { authorization: `Bearer ${token}` } }),
        ),
    },
  ]);

/** What each hop of a platform answers now, all asked at once: `200` or the problem's code, by the hop's name. */
export const askAll = async (platform: LocalJson, token: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    await Promise.all(
      hopsOf(platform).map(async ({ name, ask: askHop }) => {
        const { status, json } = await askHop(token);
        return [name, status < 300 ? String(status) : String((json as { code?: string } | undefined)?.code ?? status)];
      }),
    ),
  );

/** What `askAll` gives when every hop says the same. */
export const everyHop = (platform: LocalJson, says: string): Readonly<Record<string, string>> =>
  Object.fromEntries(hopsOf(platform).map(({ name }) => [name, says]));

/**
 * Asks every hop again and again until each answers with `status`; milliseconds from `sinceMs` to the last request that each still
 * decided otherwise. Throws for a hop that takes longer than `promisedMs`.
 */
export const measureHops = async (
  platform: LocalJson,
  token: string,
  { status, sinceMs, promisedMs }: { readonly status: number; readonly sinceMs: number; readonly promisedMs: number },
): Promise<ReadonlyMap<string, number>> => {
  const took = new Map<string, number>();
  const watch = async ({ name, ask: askHop }: Hop): Promise<void> => {
    let lastOther = sinceMs;
    let inRow = 0;
    // Several in a row, since a hop may have more than one instance.
    while (inRow < 5) {
      const sentMs = Date.now();
      const answer = await askHop(token);
      if (answer.status === status) inRow += 1;
      else {
        inRow = 0;
        lastOther = sentMs;
      }
      if (lastOther - sinceMs > promisedMs) throw new Error(`${name} still answers ${answer.status}: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    took.set(name, lastOther - sinceMs);
  };
  await Promise.all(hopsOf(platform).map(watch));
  return took;
};

/** Different callers, so that no single owner's keys or index shard carries the whole load. */
const CALLERS = 8;

const readJson = async (url: string, init?: RequestInit): Promise<Record<string, unknown>> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url} answered ${response.status}`);
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error(`${url} did not answer with an object`);
  return { ...body };
};

const mint = async (issuer: string, caller: number): Promise<string> => {
  const { token } = await readJson(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: `loadtest-${caller}` }),
  });
  if (typeof token !== 'string') throw new Error(`${issuer}/token gave no token`);
  return token;
};

/**
 * Tokens for the callers of a load test. `given` (`NEARPUT_TOKEN`) is used as it is; without it the endpoint must be a
 * local platform, whose test issuer mints one for each caller. Throws with what to set when it is neither.
 */
export const callerTokens = async (endpoint: string, given: string | undefined): Promise<string[]> => {
  if (given !== undefined && given !== '') return [given];
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname)) {
    throw new Error(
      `${endpoint} is not a local platform: set NEARPUT_TOKEN to a token that may create and read uploads`,
    );
  }
  const { issuer } = await readJson(`${endpoint}/_local`);
  if (typeof issuer !== 'string') throw new Error(`${endpoint} names no test issuer: set NEARPUT_TOKEN`);
  return Promise.all(Array.from({ length: CALLERS }, (_, caller) => mint(issuer, caller)));
};

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const TRY_MS = 3_000;

/** One part of the platform and the statuses by which it shows that it works. */
export interface HealthCheck {
  readonly name: string;
  readonly url: string;
  readonly healthy: (status: number) => boolean;
}

/** Asks every part until it is healthy; rejects with a sentence that names the one that is not within `limitMs`. */
export async function awaitHealth(checks: readonly HealthCheck[], limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  await Promise.all(checks.map((check) => awaitOne(check, until)));
}

async function awaitOne({ name, url, healthy }: HealthCheck, until: number): Promise<void> {
  for (;;) {
    const status = await statusOf(url);
    if (typeof status === 'number' && healthy(status)) return;
    if (Date.now() > until) throw new Error(`${name} does not answer as it should at ${url} (${status})`);
    await sleep(100);
  }
}

/** The status of a GET, or what kept it from coming. */
function statusOf(url: string): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(url, { timeout: TRY_MS }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}

import { REGISTRY_AGE_MS, RETRY_AFTER_SECONDS, UNCONFIRMED_MAX_MS } from '../contract/limits.ts';
import { Problem, type ProblemFault } from '../contract/problems.ts';
import { type ParsedKeys, parseKeys } from './parse-keys.ts';
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts';
import { buildRegistry, type Registry } from './registry.ts';
import { createRegistryDocument, type FetchDocument } from './registry-document.ts';

export type RegistrySourceDeps = {
  readonly fetchDocument: FetchDocument;
  /** Region codes: own first, then the next; at most two are asked. */
  readonly regions: readonly string[];
  /** Wall clock, milliseconds since 1970; never monotonic, because instances freeze. */
  readonly now: () => number;
};

/** For logs and metrics. */
export type RegistrySourceState = {
  readonly policyVersion: number | null;
  readonly keysVersion: number | null;
  /** Milliseconds since the older of both documents was last confirmed; `null` before both were read. */
  readonly ageMs: number | null;
  /** Where they were read. */
  readonly policyRegion: string | null;
  readonly keysRegion: string | null;
  /** Why the last refresh failed; `null` if it did not. */
  readonly lastError: string | null;
};

export type RegistrySource = {
  /** The registry of now, in at most `budgetMs`. Throws `registry_unavailable` if nothing usable is younger than 10 minutes. */
  get(budgetMs: number): Promise<Registry>;
  /** Reads both documents ahead of the first request. Never throws. */
  warm(): Promise<void>;
  state(): RegistrySourceState;
};

type Refresh = { readonly startedAtMs: number; readonly done: Promise<void> };

/** What a refresh beside a request, or before the first one, may take. */
const REFRESH_BUDGET_MS = 1_000;
/** A refresh older than any request belongs to an instance that slept: its answer is too old to wait for. */
const JOINABLE_MS = 2_000;
/** After a failed refresh requests of this span do not try again, so that trouble costs one of them its time and not all. */
const FAILURE_PAUSE_MS = 1_000;

const listOf = (faults: readonly ProblemFault[]): string =>
  faults.map(({ path, message }) => `${path} ${message}`).join('; ');

const readPolicy = (body: string) => {
  const parsed: ParsedPolicy = parsePolicy(JSON.parse(body));
  if (!parsed.ok) throw new Error(`policy.json: ${listOf(parsed.faults)}`);
  return parsed.policy;
};

const readKeys = (body: string) => {
  const parsed: ParsedKeys = parseKeys(JSON.parse(body));
  if (!parsed.ok) throw new Error(`keys.json: ${listOf(parsed.faults)}`);
  return parsed.keys;
};

/** Waits until a promise that never rejects settles, at most `ms`. */
const waitAtMost = async (promise: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
};

/**
 * Serves the registry by age: used as it is below 10 s, refreshed beside the request (awaited up to 250 ms) below 25 s, refreshed
 * first above; if every Region fails, what is held serves up to 10 minutes.
 */
export const createRegistrySource = (deps: RegistrySourceDeps): RegistrySource => {
  const policy = createRegistryDocument({ ...deps, name: 'policy', parse: readPolicy, versionIsGlobal: true });
  // Every Region's refresher counts its own versions of keys.json.
  const keys = createRegistryDocument({ ...deps, name: 'keys', parse: readKeys, versionIsGlobal: false });
  const asked = deps.regions.slice(0, 2);
  const [own, ...next] = asked;
  let registry: Registry | null = null;
  let built: readonly unknown[] = [];
  let running: Refresh | null = null;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let lastError: string | null = null;

  const current = (): Registry | null => {
    const [policyHeld, keysHeld] = [policy.held(), keys.held()];
    if (policyHeld === null || keysHeld === null) return null;
    if (registry === null || built[0] !== policyHeld.document || built[1] !== keysHeld.document) {
      registry = buildRegistry(policyHeld.document, keysHeld.document);
      built = [policyHeld.document, keysHeld.document];
    }
    return registry;
  };

  /** A clock that was set back makes an age that says nothing: its distance counts, and it is never fresh. */
  const ageMs = (): number => {
    const [policyHeld, keysHeld] = [policy.held(), keys.held()];
    if (policyHeld === null || keysHeld === null) return Number.POSITIVE_INFINITY;
    const age = deps.now() - Math.min(policyHeld.confirmedAtMs, keysHeld.confirmedAtMs);
    return age >= 0 ? age : Math.max(-age, REGISTRY_AGE_MS.stale);
  };

  const readFrom = (regions: readonly string[], budgetMs: number): Promise<PromiseSettledResult<void>[]> =>
    Promise.allSettled([policy.refresh(budgetMs, regions), keys.refresh(budgetMs, regions)]);

  /**
   * A Region whose refresher has not compared its policy with another Region's for long may be cut off from publishing and look fresh:
   * the next Region's copy is preferred. A policy never goes back, wherever it is read.
   */
  const isUnconfirmed = (): boolean => {
    const held = keys.held();
    return held !== null && held.region === own && deps.now() - held.document.checkedAtMs >= UNCONFIRMED_MAX_MS;
  };

  const startRefresh = (budgetMs: number): Refresh => {
    const startedAtMs = deps.now();
    const work = async (): Promise<void> => {
      const results = await readFrom(asked, budgetMs);
      const leftMs = startedAtMs + budgetMs - deps.now();
      if (isUnconfirmed() && next.length > 0 && leftMs > 0) await readFrom(next, leftMs);
      const failure = results.find((result) => result.status === 'rejected');
      lastError = failure === undefined ? null : String(failure.reason);
      // The time it started, not the time it ended: a sleeping instance finds its failure minutes later.
      failedAtMs = failure === undefined ? Number.NEGATIVE_INFINITY : startedAtMs;
      if (running === refresh) running = null;
    };
    const refresh: Refresh = { startedAtMs, done: Promise.resolve().then(work) };
    return refresh;
  };

  const isRecent = (timeMs: number, spanMs: number): boolean => {
    const age = deps.now() - timeMs;
    return age >= 0 && age < spanMs;
  };

  const refresh = (budgetMs: number): Promise<void> => {
    if (running !== null && isRecent(running.startedAtMs, JOINABLE_MS)) return running.done;
    if (isRecent(failedAtMs, FAILURE_PAUSE_MS)) return Promise.resolve();
    running = startRefresh(budgetMs);
    return running.done;
  };

  return {
    get: async (budgetMs) => {
      const held = current();
      const age = ageMs();
      if (held !== null && age < REGISTRY_AGE_MS.fresh) return held;
      if (held !== null && age < REGISTRY_AGE_MS.stale) {
        await waitAtMost(refresh(REFRESH_BUDGET_MS), Math.min(REGISTRY_AGE_MS.awaitBeside, budgetMs));
      } else {
        await waitAtMost(refresh(budgetMs), budgetMs);
      }
      const usable = current();
      if (usable !== null && ageMs() < REGISTRY_AGE_MS.last) return usable;
      throw new Problem('registry_unavailable', 'The issuer registry cannot be read at the moment; try again.', {
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
        reason: lastError ?? 'no answer within the budget',
      });
    },
    warm: () => refresh(REFRESH_BUDGET_MS),
    state: () => {
      const [policyHeld, keysHeld] = [policy.held(), keys.held()];
      const age = ageMs();
      return {
        policyVersion: policyHeld?.document.version ?? null,
        keysVersion: keysHeld?.document.version ?? null,
        ageMs: Number.isFinite(age) ? age : null,
        policyRegion: policyHeld?.region ?? null,
        keysRegion: keysHeld?.region ?? null,
        lastError,
      };
    },
  };
};

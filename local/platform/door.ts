import { formatGateConfig } from '../../core/config/gate.ts';
import { API_STAGE } from '../../core/config/names.ts';
import { type FrontDoor, startFrontDoor } from '../cloudfront/front-door.ts';
import type { LambdaFunction } from '../lambda/host.ts';
import { createAdmin } from './admin.ts';
import { CELLS, DEFAULT_REGION } from './cells.ts';
import type { CellCompute } from './compute.ts';
import { gateConfig } from './endpoints.ts';
import type { Foundation } from './foundation.ts';
import { createGateReplicas } from './functions.ts';
import type { LocalDescription } from './local-json.ts';
import type { Services } from './services.ts';

/** A CloudFront distribution as AWS would name it. */
const DISTRIBUTION = { id: 'ELOCALNEARPUT0', domainName: 'd111111abcdef8.cloudfront.net' };

/** Starts CloudFront with the gate behind it; `/_local` is answered beside it. */
export async function startDoor(
  foundation: Foundation,
  services: Services,
  compute: readonly CellCompute[],
  description: LocalDescription,
): Promise<FrontDoor & { stopGates(): Promise<void> }> {
  const { state, wish, clock, logs } = foundation;
  const { data, s3, endpoints } = services;
  const makeGate = createGateReplicas(foundation, wish.edgeInstances);
  const gates = new Map<string, LambdaFunction>();
  const origin = CELLS.find(({ code }) => code === DEFAULT_REGION);
  const door = await startFrontDoor({
    port: state.edgePort,
    distribution: DISTRIBUTION,
    origin: {
      domainName: origin?.apiHost ?? '',
      path: `/${API_STAGE}`,
      customHeaders: formatGateConfig(gateConfig(endpoints, state.edgePort)),
    },
    origins: Object.fromEntries(compute.map(({ cell, api }) => [cell.apiHost, { url: api, region: cell.region }])),
    functions(edgeRegion) {
      const gate = makeGate(edgeRegion);
      gates.set(edgeRegion, gate);
      return gate;
    },
    latency: wish.latency,
    log: (entry) => logs.write(`cloudfront ${JSON.stringify(entry)}`),
    admin: createAdmin({
      describe: () => description,
      stats: async () => ({
        clock: { offsetSeconds: clock.offsetSeconds() },
        sessions: sessionEnds(foundation),
        functions: functionStats(gates, compute),
        queues: await data.stats(),
        s3: await s3.stats(),
        sources: Object.fromEntries(compute.map(({ cell, sources }) => [cell.code, sources.stats()])),
      }),
      setClock(offsetSeconds) {
        clock.setOffset(offsetSeconds);
        data.send({ type: 'clock', offsetSeconds });
        s3.send({ type: 'clock', offsetSeconds });
      },
      addFault: (rule) =>
        rule.service === 's3' ? s3.send({ type: 'fault', rule }) : data.send({ type: 'fault', rule }),
      clearFaults() {
        data.send({ type: 'clear-faults' });
        s3.send({ type: 'clear-faults' });
      },
      setEvents: (change) => s3.send({ type: 'events', change }),
      putZeroParts: (region, parts) => s3.send({ type: 'zero-parts', region, parts }),
    }),
  });
  return {
    ...door,
    async stopGates() {
      await Promise.all([...gates.values()].map((gate) => gate.stop()));
    },
  };
}

/** When the credentials end that a new instance of a role would get now, as ISO 8601; the roles' instances are not told. */
function sessionEnds({ sessions, session }: Foundation): Record<string, string> {
  return Object.fromEntries(sessions.roles.map(({ role }) => [role, new Date(session(role).expiresAt).toISOString()]));
}

/** Instances, cold starts, waits and failures by function: `gate@eu-west-1`, `euw1/api`. */
function functionStats(
  gates: ReadonlyMap<string, LambdaFunction>,
  compute: readonly CellCompute[],
): Record<string, unknown> {
  const edge = [...gates].map(([edgeRegion, gate]) => [`gate@${edgeRegion}`, gate.stats()]);
  const regional = compute.flatMap(({ cell, functions }) =>
    Object.entries(functions).map(([short, one]) => [`${cell.code}/${short}`, one.stats()]),
  );
  return Object.fromEntries([...edge, ...regional]);
}

import type { Transport, TransportRequest } from '../../client/transport.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import type { LocalJson } from '../support/platform.ts';
import type { Told } from './scene.fixture.ts';

/** Where a line of the client leads: to the gateway, or to the S3 of a Region. */
export type LineName = 'edge' | 'euw1' | 'use1' | 'apse2';
export const STORAGE_LINES: readonly LineName[] = ['euw1', 'use1', 'apse2'];

/** A line that does nothing to what passes. */
const whole: FaultProxy['rule'] = () => undefined;

/** The lines between a client and the running platform. What they do, and what passes, is the same for all clients. */
export const openLines = async (platform: LocalJson) => {
  const urlOf = (name: LineName): URL => new URL(name === 'edge' ? platform.edge : (platform.regions[name]?.s3 ?? ''));
  const open = async (name: LineName) => startFaultProxy(Number(urlOf(name).port));
  const proxies: Readonly<Record<LineName, FaultProxy>> = {
    edge: await open('edge'),
    euw1: await open('euw1'),
    use1: await open('use1'),
    apse2: await open('apse2'),
  };
  const all = Object.values(proxies);
  const byHost = new Map(STORAGE_LINES.concat('edge').map((name) => [urlOf(name).host, proxies[name]]));
  const calm = async (): Promise<void> => {
    for (const proxy of all) proxy.rule = whole;
    for (const proxy of all) await proxy.quiet();
  };
  await calm();

  /** Sends a request over its line; the host that was signed stays. */
  const over = <Request extends Pick<TransportRequest, 'url' | 'headers'>>(request: Request): Request => {
    const url = new URL(request.url);
    const proxy = byHost.get(url.host);
    if (proxy === undefined) throw new Error(`there is no line to ${url.host}`);
    const headers = { ...request.headers, host: url.host };
    url.port = String(proxy.port);
    return { ...request, url: url.href, headers };
  };

  return {
    ...proxies,
    calm,
    /** A transport over these lines; `told` hears what the gateway answered, with the time of what no fault could delay. */
    transport: (inner: Transport, told: Told[]): Transport => ({
      put: (request) => inner.put(over(request)),
      send: async (request) => {
        const isWhole = proxies.edge.rule === whole;
        const startedAt = performance.now();
        const answer = await inner.send(over(request));
        const ms = isWhole ? performance.now() - startedAt : 0;
        const isJson = answer.body !== '' && /json/.test(answer.headers['content-type'] ?? '');
        told.push({ line: String(answer.status), ms, body: isJson ? JSON.parse(answer.body) : null });
        return answer;
      },
    }),
    close: async (): Promise<void> => {
      for (const proxy of all) await proxy.close();
    },
  };
};

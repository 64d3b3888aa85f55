import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureTool } from '../tools/external.ts';
import { type Lies, type StandIn, startStandIn } from './testing/gateway.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const SMALL = ['-e', 'BASE=4', '-e', 'PEAK=8', '-e', 'LEAD=1', '-e', 'RISE=1', '-e', 'HOLD=1', '-e', 'FALL=1'];

let standIn: StandIn | undefined;

beforeAll(async () => {
  await ensureTool('k6');
}, 600_000);

afterEach(async () => {
  await standIn?.close();
  standIn = undefined;
});

/** Runs a small spike against a stand-in gateway with the given lies. */
const spike = async (lies: Lies): Promise<{ code: number; output: string }> => {
  standIn = await startStandIn(lies);
  const child = spawn(process.execPath, [RUN, 'spike', '--endpoint', standIn.url, ...SMALL], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number>((resolve) => child.once('close', (exitCode) => resolve(exitCode ?? -1)));
  return { code, output };
};

describe('a load test', () => {
  it('passes when every answer comes in time and everything is kept', async () => {
    const { code, output } = await spike({});
    expect(output).toMatch(/^create p50=\S+ms p95=\S+ms p99=\S+ms$/m);
    expect(output).toMatch(/^finalize p50=\S+ms p95=\S+ms p99=\S+ms$/m);
    expect(output).toMatch(/^rate [\d.]+\/s on average, \d+\/s at the peak$/m);
    expect(output).toMatch(/^dropped 0$/m);
    expect(output).toMatch(/^audit: (\d+) of \1$/m);
    expect(code).toBe(0);
  });

  it('follows 202 until the upload is complete', async () => {
    const { code, output } = await spike({ accepted: 1 });
    expect(output).toMatch(/^audit: (\d+) of \1$/m);
    expect(code).toBe(0);
  });

  it('fails when an acknowledged upload is lost', async () => {
    const { code, output } = await spike({ lost: 3 });
    const [, good, all] = /^audit: (\d+) of (\d+)$/m.exec(output) ?? [];
    expect(Number(all) - Number(good)).toBe(1);
    expect(code).toBe(1);
  });

  it('fails when bytes have changed', async () => {
    const { code, output } = await spike({ altered: 3 });
    const [, good, all] = /^audit: (\d+) of (\d+)$/m.exec(output) ?? [];
    expect(Number(all) - Number(good)).toBe(1);
    expect(code).toBe(1);
  });

  it('fails when finalize is slower than the target', async () => {
    const { code, output } = await spike({ finalizeDelayMs: 2_050 });
    expect(output).toMatch(/^threshold crossed: finalize: p\(99\)<2000$/m);
    expect(code).toBe(1);
  });

  it('fails when one request is refused', async () => {
    const { code, output } = await spike({ refused: 3 });
    expect(output).toMatch(/^threshold crossed: http_req_failed: rate==0$/m);
    expect(code).toBe(1);
  });
});

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTool } from '../tools/external.ts';
import { parseScriptOutput, peakPerSecond, type ScriptOutput } from './acknowledged.ts';
import { audit } from './audit.ts';
import { generatorEnv } from './generator-env.ts';
import { plannedUploads, SHAPES, shapeWith } from './k6/shapes.ts';
import { type LoadTestOptions, parseOptions, USAGE } from './options.ts';
import { type Platform, startPlatform } from './platform.ts';
import { crossedThresholds, type Metrics, reportLines } from './report.ts';
import { callerTokens } from './tokens.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Contents compared byte for byte after a run. */
const CONTENT_SAMPLE = 200;
/** Messages of failed requests shown after a run. */
const MESSAGES_SHOWN = 10;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Runs k6 to its end. k6 exits with 99 when a threshold was crossed; other codes are failures of the run itself. */
const runScript = async (
  options: LoadTestOptions,
  endpoint: string,
  tokens: readonly string[],
  signal: AbortSignal,
): Promise<{ output: ScriptOutput; metrics: Metrics }> => {
  const k6 = await ensureTool('k6');
  const folder = mkdtempSync(join(tmpdir(), 'nearput-k6-'));
  const summary = join(folder, 'summary.json');
  const consoleFile = join(folder, 'console.txt');
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(
        k6,
        ['run', '--quiet', '--no-usage-report', '--no-color', '--log-format', 'raw', '--console-output', consoleFile]
          .concat(settings)
          .concat(join(HERE, 'k6', `${options.scenario}.ts`)),
        {
          stdio: ['ignore', process.stderr, process.stderr],
          env: {
            ...generatorEnv(process.env, options.endpoint === null),
            NEARPUT_URL: endpoint,
            NEARPUT_TOKENS: JSON.stringify(tokens),
            NEARPUT_RUN: Date.now().toString(36),
            NEARPUT_SUMMARY: summary,
          },
          signal,
          killSignal: 'SIGKILL',
        },
      );
      child.once('error', reject);
      child.once('close', (exitCode) => resolve(exitCode ?? 1));
    });
    if (code !== 0 && code !== 99) throw new Error(`k6 ended with exit code ${code}`);
    const text = existsSync(consoleFile) ? readFileSync(consoleFile, 'utf8') : '';
    return { output: parseScriptOutput(text), metrics: JSON.parse(readFileSync(summary, 'utf8')) as Metrics };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Runs one load test against an endpoint and audits it; `true` when every threshold and the audit hold. */
const measure = async (options: LoadTestOptions, endpoint: string, signal: AbortSignal): Promise<boolean> => {
  const shape = shapeWith(SHAPES[options.scenario], options.settings);
  const tokens = await callerTokens(endpoint, process.env['NEARPUT_TOKEN']);
  say(
    `${options.scenario} against ${endpoint}: ${shape.base}/s to ${shape.peak}/s, about ${plannedUploads(shape)} uploads`,
  );
  const { output, metrics } = await runScript(options, endpoint, tokens, signal);
  const { acknowledged, messages } = output;
  for (const line of messages.slice(0, MESSAGES_SHOWN)) process.stderr.write(`${line}\n`);
  for (const line of reportLines(metrics, peakPerSecond(acknowledged))) say(line);

  const result = await audit({ endpoint, tokens, acknowledged, bytes: shape.bytes, sample: CONTENT_SAMPLE });
  for (const fault of result.faults.slice(0, MESSAGES_SHOWN)) process.stderr.write(`audit: ${fault}\n`);
  say(`audit: ${result.good} of ${acknowledged.length}`);
  say(`compared byte for byte: ${result.compared}`);

  const crossed = crossedThresholds(metrics);
  for (const threshold of crossed) say(`threshold crossed: ${threshold}`);
  if (acknowledged.length === 0) say('no upload was acknowledged');
  return crossed.length === 0 && result.faults.length === 0 && acknowledged.length > 0;
};

const main = async (): Promise<number> => {
  let options: LoadTestOptions;
  try {
    options = parseOptions(process.argv.slice(2));
    shapeWith(SHAPES[options.scenario], options.settings);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());
  let platform: Platform | undefined;
  try {
    await ensureTool('k6');
    if (options.endpoint === null) {
      say('starting a local platform of its own');
      const root = dirname(HERE);
      platform = await startPlatform({ command: process.execPath, args: [join(root, 'local', 'main.ts')], cwd: root });
    }
    const endpoint = options.endpoint ?? platform?.endpoint ?? '';
    if (interrupted.signal.aborted) return 130;
    return (await measure(options, endpoint, interrupted.signal)) ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    process.stderr.write(`load test failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await platform?.stop();
  }
};

if (import.meta.main) process.exitCode = await main();

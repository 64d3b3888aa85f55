import { parseArgs } from 'node:util';
import { type ScenarioName, SHAPES } from './k6/shapes.ts';

/** What one load test is asked to do. */
export type LoadTestOptions = {
  readonly scenario: ScenarioName;
  /** A gateway that runs already; `null`: start a local platform for this test. */
  readonly endpoint: string | null;
  /** `-e` settings, by name. */
  readonly settings: Readonly<Record<string, string>>;
};

export const USAGE = `usage: npm run loadtest -- NAME [--endpoint URL] [-e KEY=VALUE…]
  NAME  ${Object.keys(SHAPES).join(' | ')}
  -e    a number of the load shape, for example PEAK=20 or HOLD=5s; VIEWER=sydney for a simulated place`;

const isScenario = (name: string): name is ScenarioName => Object.hasOwn(SHAPES, name);

const parseSetting = (known: readonly string[], text: string): [string, string] => {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`-e takes KEY=VALUE, not "${text}"`);
  const name = text.slice(0, at);
  if (!known.includes(name)) throw new Error(`there is no setting ${name}: take one of ${known.join(', ')}`);
  return [name, text.slice(at + 1)];
};

const settingNames = (scenario: ScenarioName): string[] => [
  ...Object.keys(SHAPES[scenario]).map((name) => name.toUpperCase()),
  'VIEWER',
];

const parseEndpoint = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(`--endpoint takes an http or https address, not "${text}"`);
  }
  return url.href.replace(/\/+$/, '');
};

/** Parses the arguments after `npm run loadtest --`. Throws with a sentence on what is wrong. */
export const parseOptions = (args: readonly string[]): LoadTestOptions => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { endpoint: { type: 'string' }, e: { type: 'string', short: 'e', multiple: true } },
  });
  const [name, ...others] = positionals;
  if (name === undefined) throw new Error('the name of the load test is missing');
  if (!isScenario(name)) throw new Error(`there is no load test "${name}"`);
  if (others.length > 0) throw new Error(`one load test at a time, not also "${others.join(' ')}"`);
  return {
    scenario: name,
    endpoint: values.endpoint === undefined ? null : parseEndpoint(values.endpoint),
    settings: Object.fromEntries((values.e ?? []).map((text) => parseSetting(settingNames(name), text))),
  };
};

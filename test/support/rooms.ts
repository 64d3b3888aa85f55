import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Import } from './imports.ts';

/** What the files of one room may import. Rooms and packages that end with `/` stand for all below. */
export type Room = {
  readonly path: string;
  readonly rooms: readonly string[];
  readonly packages: readonly string[] | 'any';
  readonly builtins: readonly string[] | 'any';
  /** May load a module by a path computed at run time. */
  readonly computed?: true;
};

const CONTRACT = 'core/contract/';
/** The contract files that k6 loads as they are. */
export const IMPORT_FREE = ['limits', 'problems', 'routes', 'states'].map((name) => `core/contract/${name}.ts`);

/** The rooms, the deepest path first: the first that a file lies in is its room. */
export const ROOMS: readonly Room[] = [
  { path: 'core/contract/', rooms: [], packages: ['valibot'], builtins: ['node:crypto'] },
  { path: 'core/config/', rooms: [CONTRACT], packages: ['valibot'], builtins: ['node:crypto'] },
  { path: 'core/identity/', rooms: [CONTRACT], packages: ['valibot'], builtins: ['node:crypto'] },
  { path: 'core/objects/', rooms: [CONTRACT], packages: ['valibot'], builtins: ['node:crypto'] },
  { path: 'edge/', rooms: ['core/', 'docs/openapi.json'], packages: ['aws-lambda'], builtins: 'any' },
  {
    path: 'origin/',
    rooms: ['core/'],
    packages: ['hono', 'valibot', '@aws-sdk/', '@smithy/', '@aws-lambda-powertools/', 'aws-lambda', 'jose'],
    builtins: 'any',
  },
  { path: 'client/node/', rooms: [CONTRACT, 'client/'], packages: ['mime', 'valibot'], builtins: 'any' },
  { path: 'client/', rooms: [CONTRACT], packages: ['valibot', '@aws-sdk/crc64-nvme'], builtins: [] },
  {
    path: 'cli/',
    rooms: ['client/', 'core/'],
    packages: ['commander', 'cli-progress', 'valibot', '@aws-sdk/', '@smithy/', 'node'],
    builtins: 'any',
    computed: true,
  },
  {
    path: 'infra/',
    rooms: [CONTRACT, 'core/config/', 'dist/'],
    packages: ['aws-cdk-lib', 'constructs', 'cdk-nag'],
    builtins: 'any',
  },
  { path: 'loadtest/k6/', rooms: IMPORT_FREE, packages: ['k6'], builtins: [] },
  {
    path: 'loadtest/bench/',
    rooms: ['core/', 'edge/', 'origin/', 'client/', 'loadtest/', 'tools/'],
    packages: 'any',
    builtins: 'any',
    computed: true,
  },
  { path: 'loadtest/', rooms: [CONTRACT, 'tools/', 'loadtest/k6/'], packages: 'any', builtins: 'any', computed: true },
  {
    path: 'local/',
    rooms: [CONTRACT, 'core/config/', 'dist/', 'tools/build.ts'],
    packages: 'any',
    builtins: 'any',
    computed: true,
  },
  {
    path: 'tools/',
    rooms: ['core/', 'edge/', 'origin/', 'client/', 'cli/', 'infra/', 'local/', 'docs/', 'issuers/'],
    packages: 'any',
    builtins: 'any',
    computed: true,
  },
  {
    path: 'test/conformance/',
    rooms: ['core/', 'origin/', 'cli/issuers/', 'local/', 'tools/', 'test/'],
    packages: 'any',
    builtins: 'any',
  },
  {
    path: 'test/faults/',
    rooms: ['core/', 'origin/', 'client/', 'local/', 'test/'],
    packages: 'any',
    builtins: 'any',
  },
  {
    path: 'test/',
    rooms: [CONTRACT, 'client/', 'cli/nearput.js', 'tools/', 'docs/'],
    packages: 'any',
    builtins: 'any',
    computed: true,
  },
];

/** Tests, and what only tests use. */
export const TEST_FILE = /\.(?:test|suite|fixture)\.ts$|\/testing\//;

const allows = (rules: readonly string[], name: string): boolean =>
  rules.some((rule) => (rule.endsWith('/') ? name.startsWith(rule) : name === rule));

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const packageFault = (room: Room, specifier: string): string | undefined => {
  if (isBuiltin(specifier)) {
    return room.builtins === 'any' || room.builtins.includes(specifier) ? undefined : `imports ${specifier} of Node`;
  }
  const name = packageName(specifier);
  return room.packages === 'any' || allows(room.packages, name) ? undefined : `imports the package ${name}`;
};

/** What a client may not take from the contract: it needs Node. */
const NOT_IN_A_BROWSER = ['core/contract/ids.ts', 'core/contract/grant.ts'];

const roomFault = (room: Room, file: string, specifier: string): string | undefined => {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith('node_modules/')) return packageFault(room, target.slice('node_modules/'.length));
  if (target === './' && room.computed) return undefined;
  if (target.startsWith('..')) return `reaches outside the repository: ${specifier}`;
  if (room.path.startsWith('client/') && NOT_IN_A_BROWSER.includes(target))
    return `imports ${target}, which needs Node`;
  // A deeper room inside this one's folder is a room of its own.
  const home = ROOMS.find((candidate) => target.startsWith(candidate.path))?.path;
  if (home === room.path || allows(room.rooms, target)) return undefined;
  return home === undefined && !target.includes('/') ? undefined : `imports ${target}`;
};

/** Why `file` may not import this, as the end of a sentence; `undefined` when it may. Tests beside the code may use any package. */
export const importFault = (file: string, { specifier }: Import): string | undefined => {
  const room = ROOMS.find((candidate) => file.startsWith(candidate.path));
  if (room === undefined) return file.includes('/') ? 'lies in no room' : undefined;
  const isTest = TEST_FILE.test(file);
  if (specifier === null) return room.computed || isTest ? undefined : 'imports a path computed at run time';
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier);
    const sameRoom = target.split('/')[0] === file.split('/')[0] && !file.startsWith('core/');
    const testHelp = target.startsWith('test/support/') || sameRoom;
    return isTest && testHelp ? undefined : roomFault(room, file, specifier);
  }
  return isTest ? undefined : packageFault(room, specifier);
};

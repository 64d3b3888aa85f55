import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, readImports, sourceFiles } from './support/imports.ts';
import { IMPORT_FREE, importFault, ROOMS, TEST_FILE } from './support/rooms.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FILES = sourceFiles(ROOT);

const offences = (files: readonly string[]): string[] =>
  files.flatMap((file) =>
    readImports(ROOT, file).flatMap((found) => {
      const fault = importFault(file, found);
      return fault === undefined ? [] : [`${file}:${found.line} ${fault}`];
    }),
  );

/** Everything a file reaches by relative imports, itself included. */
const closure = (start: readonly string[]): Set<string> => {
  const seen = new Set<string>();
  const open = [...start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { specifier } of readImports(ROOT, file)) {
      if (specifier?.startsWith('.') !== true) continue;
      const target = posix.join(posix.dirname(file), specifier);
      if (FILES.includes(target)) open.push(target);
    }
  }
  return seen;
};

describe('the rooms', () => {
  it('import only what their table allows', () => {
    const planted = 'test/boundaries.test.ts';
    expect(offences(FILES.filter((file) => file !== planted))).toEqual([]);
  });

  it('are all looked at', () => {
    expect(FILES.length).toBeGreaterThan(40);
    for (const room of ROOMS.filter(({ path }) => path !== 'client/node/')) {
      expect(
        FILES.some((file) => file.startsWith(room.path)),
        room.path,
      ).toBe(true);
    }
  });

  it('keep the contract files that k6 loads free of imports other than each other’s types', () => {
    for (const file of IMPORT_FREE) {
      expect(FILES).toContain(file);
      for (const { specifier } of readImports(ROOT, file)) {
        expect(IMPORT_FREE, file).toContain(posix.join(posix.dirname(file), specifier ?? ''));
      }
    }
  });

  it('keep Node out of everything the client reaches', () => {
    const client = FILES.filter(
      (file) => file.startsWith('client/') && !file.startsWith('client/node/') && !TEST_FILE.test(file),
    );
    const reached = [...closure(client)].filter((file) => !file.startsWith('client/node/'));
    const builtins = reached.flatMap((file) =>
      readImports(ROOT, file).flatMap(({ specifier }) =>
        specifier?.startsWith('node:') ? [`${file} ${specifier}`] : [],
      ),
    );
    expect(builtins).toEqual([]);
  });
});

describe('the boundary test itself', () => {
  const faultOf = (file: string, source: string): (string | undefined)[] =>
    importsOf(source).map((found) => importFault(file, found));

  it.each([
    ['a static import', "import { sign } from '../../core/objects/presign.ts';"],
    ['a type import', "import type { Grant } from '../../core/objects/presign.ts';"],
    ['an import over lines', "import {\n  one,\n  two,\n} from '../../core/objects/presign.ts';"],
    ['a re-export', "export * from '../../core/objects/presign.ts';"],
    ['a bare import', "import '../../core/objects/presign.ts';"],
    ['a dynamic import', "  const it = await import('../../core/objects/presign.ts');"],
    ['a type query', "type Grant = import('../../core/objects/presign.ts').Grant;"],
    ['a located file', "const at = new URL('../../core/objects/presign.ts', import.meta.url);"],
    ['a require', "const it = require('../../core/objects/presign.ts');"],
  ])('sees %s of another room', (_form, source) => {
    expect(faultOf('local/s3/planted.ts', source)).toEqual(['imports core/objects/presign.ts']);
  });

  it.each([
    ['edge/planted.ts', "import { S3Client } from '@aws-sdk/client-s3';", 'imports the package @aws-sdk/client-s3'],
    ['edge/planted.ts', "import { app } from '../origin/app.ts';", 'imports origin/app.ts'],
    ['origin/planted.ts', "import { gate } from '../edge/gate.ts';", 'imports edge/gate.ts'],
    ['client/planted.ts', "import { readFile } from 'node:fs/promises';", 'imports node:fs/promises of Node'],
    [
      'client/planted.ts',
      "import { id } from '../core/contract/ids.ts';",
      'imports core/contract/ids.ts, which needs Node',
    ],
    ['core/contract/planted.ts', "import { names } from '../config/names.ts';", 'imports core/config/names.ts'],
    ['core/config/planted.ts', "import { jwtVerify } from 'jose';", 'imports the package jose'],
    ['infra/planted.ts', "import { app } from '../origin/app.ts';", 'imports origin/app.ts'],
    ['loadtest/k6/planted.ts', "import { id } from '../../core/contract/ids.ts';", 'imports core/contract/ids.ts'],
    ['edge/planted.ts', "import { run } from '../tools/support/run.ts';", 'imports tools/support/run.ts'],
    ['edge/planted.ts', 'const it = await import(path);', 'imports a path computed at run time'],
    ['elsewhere/planted.ts', "import { x } from './x.ts';", 'lies in no room'],
  ])('sees an offence in %s', (file, source, fault) => {
    expect(faultOf(file, source)).toEqual([fault]);
  });

  it('does not take a comment for an import', () => {
    expect(importsOf("/**\n * import { x } from '../edge/x.ts';\n */\n// import '../edge/x.ts';\n")).toEqual([]);
  });

  it('lets a test beside the code use any package, but no other room', () => {
    expect(faultOf('core/objects/sign.test.ts', "import { S3Client } from '@aws-sdk/client-s3';")).toEqual([undefined]);
    expect(faultOf('local/sigv4/verify.test.ts', "import { sign } from '../../core/objects/presign.ts';")).toEqual([
      'imports core/objects/presign.ts',
    ]);
  });
});

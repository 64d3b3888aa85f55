import { readFileSync, writeFileSync } from 'node:fs';
import { openapiDocument } from './openapi/document.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const target = new URL('docs/openapi.json', root);

writeFileSync(target, `${JSON.stringify(openapiDocument(version), null, 2)}\n`);
process.stdout.write(`wrote docs/openapi.json (${version})\n`);

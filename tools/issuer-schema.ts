import { writeFileSync } from 'node:fs';
import { issuerSchema } from './issuer-schema/document.ts';

const target = new URL('../issuers/schema/issuer.schema.json', import.meta.url);

writeFileSync(target, `${JSON.stringify(issuerSchema(), null, 2)}\n`);
process.stdout.write('wrote issuers/schema/issuer.schema.json\n');

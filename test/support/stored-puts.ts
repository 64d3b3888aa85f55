import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PUTs of an object that the local S3 of a platform on the folder `data` answered with 200, by its log. */
export const storedPuts = (data: string, id: string): number =>
  readFileSync(join(data, 'logs', 's3-access.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { method: string; path: string; status: number })
    .filter(({ method, path, status }) => method === 'PUT' && path.endsWith(id) && status === 200).length;

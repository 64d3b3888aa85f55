import { buildBundles } from './build.ts';
import { CELLS } from './cells.ts';
import { type ChildDeps, type DataChild, type S3Child, startDataChild, startS3Child } from './children.ts';
import type { CellUrls, Endpoints } from './endpoints.ts';
import type { Foundation, OnStop } from './foundation.ts';

/** The AWS services that keep data, and where they listen. */
export interface Services {
  readonly data: DataChild;
  readonly s3: S3Child;
  readonly endpoints: Endpoints;
  readonly issuerUrl: string;
}

/** How long a child may take to end before it is killed, in milliseconds. */
const CHILD_STOP_MS = 2_000;

/** Starts both child processes while the bundles are being built. `died` hears when a child ends by itself. */
export async function startServices(
  { wish, root, state, credentials, sessions, logs }: Foundation,
  died: (sentence: string) => void,
  onStop: OnStop,
): Promise<Services> {
  const deps: ChildDeps = { data: wish.data, logs: logs.folder, state, credentials, sessions, died };
  const starting = [startDataChild(deps), startS3Child(deps)] as const;
  onStop(async () => {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop(CHILD_STOP_MS) : undefined)));
  });
  const [data, s3] = await Promise.all([...starting, buildBundles(root)]);
  const { regions, issuer } = data.ready.urls;
  return { data, s3, endpoints: joinUrls(regions, s3.ready.regions), issuerUrl: issuer };
}

function joinUrls(
  queuesAndTables: Readonly<Record<string, Omit<CellUrls, 's3'>>>,
  buckets: Readonly<Record<string, { readonly url: string }>>,
): Endpoints {
  return Object.fromEntries(
    CELLS.map(({ code }) => {
      const [own, s3] = [queuesAndTables[code], buckets[code]?.url];
      if (!own || s3 === undefined) throw new Error(`${code} did not start`);
      return [code, { ...own, s3 }];
    }),
  );
}

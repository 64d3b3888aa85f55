import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { issuersFolder, type OwnIssuer, writeOwnIssuer } from '../support/own-issuer.ts';
import { type LocalJson, startPlatform } from '../support/platform.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    platform: LocalJson;
    /** May write to use1 only. */
    limited: OwnIssuer;
    /** May write 10 to 1,000 bytes of PNG. */
    narrow: OwnIssuer;
    /** Two whose uploads belong to whole tenants. */
    shared: OwnIssuer;
    rival: OwnIssuer;
  }
}

/** Starts one platform on the built bundles for all end-to-end tests, and fails the run if it does not end well. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = issuersFolder();
  const everywhere = ['euw1', 'use1', 'apse2'];
  const limits = { minBytes: 0, maxBytes: 5_368_709_120, types: ['*/*'], urlTtlSeconds: 900, regions: everywhere };
  const limited = await writeOwnIssuer(folder, 'limited', { limits: { ...limits, regions: ['use1'] } });
  const narrow = await writeOwnIssuer(folder, 'narrow', {
    limits: { ...limits, minBytes: 10, maxBytes: 1_000, types: ['image/png'] },
  });
  const shared = await writeOwnIssuer(folder, 'shared', { ownership: 'tenant' });
  const rival = await writeOwnIssuer(folder, 'rival', { ownership: 'tenant' });
  const { stop, remove, kill: _, output, ...local } = await startPlatform({ arguments: ['--issuers', folder] });
  project.provide('platform', local);
  project.provide('limited', limited);
  project.provide('narrow', narrow);
  project.provide('shared', shared);
  project.provide('rival', rival);
  return async () => {
    const code = await stop();
    if (code !== 0) throw new Error(`the platform ended with ${code}:\n${output()}`);
    remove();
    rmSync(folder, { recursive: true, force: true });
  };
};

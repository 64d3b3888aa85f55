import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureTool } from '../../tools/external.ts';

const SDK = fileURLToPath(new URL('../../client/browser/', import.meta.url));

/** Bundles a page's script that imports from `client/browser`, as a page's own build would. */
export const bundlePage = async (script: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: SDK, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  });
  return outputFiles[0]?.text ?? '';
};

/** A site of a few files on a free port. */
export type Site = {
  readonly port: number;
  /** Sets what a path answers. */
  readonly serve: (path: string, type: string, content: string) => void;
  readonly close: () => void;
};

/** Serves files from memory. It knows no other headers than their type, least of all CORS. */
export const startSite = async (): Promise<Site> => {
  const files = new Map<string, { readonly type: string; readonly content: string }>();
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.content ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    serve: (path, type, content) => void files.set(path, { type, content }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** Headless Chromium. `hosts` says on which port of this machine it finds a host: pages keep the origin they are named by, and no rule of CORS is bent. */
export const launchChromium = async (hosts: Readonly<Record<string, number>> = {}): Promise<Browser> => {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  return chromium.launch({
    executablePath: await ensureTool('chromium'),
    args: ['--no-sandbox', ...(rules.length === 0 ? [] : [`--host-resolver-rules=${rules.join(',')}`])],
  });
};

/** Calls a function that the page's script put on `window`, and gives what it resolves to. */
export const callPage = <Value>(page: Page, name: string, ...given: readonly unknown[]): Promise<Value> =>
  page.evaluate(
    ([called, values]) =>
      (window as unknown as Record<string, (...all: readonly unknown[]) => unknown>)[called as string]?.(
        ...(values as readonly unknown[]),
      ),
    [name, given] as const,
  ) as Promise<Value>;

import { type Client, type ClientOptions, createClient } from '../client.ts';
import { createIndexedStore } from './indexed-store.ts';
import { createBrowserTransport } from './transport.ts';

export type { DownloadOptions } from '../download/download.ts';
export * from '../errors.ts';
export type { UploadProgress } from '../progress.ts';
export type { UploadHandle, UploadOptions } from '../upload.ts';
export { blobSource } from './blob-source.ts';
export { createIndexedStore } from './indexed-store.ts';
export { createBrowserTransport } from './transport.ts';
export type { Client, ClientOptions };

/** The SDK for a page: XMLHttpRequest for the bytes, IndexedDB to go on after a reload. */
export const createBrowserClient = (
  options: Omit<ClientOptions, 'transport'> & Partial<Pick<ClientOptions, 'transport'>>,
): Client => createClient({ transport: createBrowserTransport(), state: createIndexedStore(), ...options });

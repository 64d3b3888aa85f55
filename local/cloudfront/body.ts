import type { IncomingMessage } from 'node:http';

/** The part of a viewer's body that is in memory. The rest, when there is one, still waits in the paused request. */
export type ViewerBody = {
  readonly chunks: readonly Buffer[];
  /** True when more than the function may see has come; `chunks` then ends wherever the network cut. */
  readonly truncated: boolean;
};

export const NO_BODY: ViewerBody = { chunks: [], truncated: false };

/** True when the request announces a body of at least one byte. */
export const announcesBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

/** Reads until the end or until more than `limit` bytes are there, then pauses. Rejects when the viewer goes away. */
export const readStart = (request: IncomingMessage, limit: number): Promise<ViewerBody> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (truncated: boolean) => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      resolve({ chunks, truncated });
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limit) return;
      request.pause();
      settle(true);
    };
    const onEnd = () => settle(false);
    const onError = (error: Error) => reject(error);
    const onClose = () => reject(new Error('the viewer closed the connection'));
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });

/** What the function sees of a body: at most `limit` bytes, in base64. */
export const seenBody = ({ chunks }: ViewerBody, limit: number): string =>
  chunks.length === 0 ? '' : Buffer.concat(chunks).subarray(0, limit).toString('base64');

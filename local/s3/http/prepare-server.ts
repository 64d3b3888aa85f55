import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorDocument } from '../xml.ts';
import { WAITING_FOR_CONTINUE } from './waiting.ts';

/** What S3 does beyond plain HTTP: it asks for a waiting body only when it wants it, and words broken requests itself. */
export function prepareServer(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    WAITING_FOR_CONTINUE.add(request);
    server.emit('request', request, response);
  });
  server.removeAllListeners('clientError');
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const cut = error.code === 'HPE_INVALID_EOF_STATE';
    const body = errorDocument({
      Code: cut ? 'IncompleteBody' : 'BadRequest',
      Message: cut
        ? 'You did not provide the number of bytes specified by the Content-Length HTTP header'
        : 'An error occurred when parsing the HTTP request.',
    });
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nserver: AmazonS3\r\nconnection: close\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

/** What is not HTTP never reaches the app. It gets a Status all the same. */
import type { Duplex } from 'node:stream';
import { renderJson } from './render.ts';

/** What the parser refuses beside nonsense, by its codes. */
export interface HttpLimits {
  readonly headerBytesMax: number;
  readonly requestArrivesMs: number;
}

/** Answers a connection whose bytes the parser refused with `error`, and ends it. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, limits: HttpLimits): void {
  const [code, phrase, message] = statusFor(error.code, limits);
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
  const body = renderJson(status, false);
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function statusFor(
  errorCode: string | undefined,
  { headerBytesMax, requestArrivesMs }: HttpLimits,
): readonly [code: number, phrase: string, message: string] {
  switch (errorCode) {
    case 'HPE_HEADER_OVERFLOW':
      return [
        431,
        'Request Header Fields Too Large',
        `the request's headers are larger than ${headerBytesMax} bytes`,
      ];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'Request Timeout', `the request did not arrive within ${requestArrivesMs / 1000} s`];
    default:
      return [400, 'Bad Request', 'the request is not HTTP/1.1'];
  }
}

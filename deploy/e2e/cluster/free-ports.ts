/**
 * Free loopback ports for servers that are started in a moment.
 *
 * They come from below the range that the kernel hands out to outgoing connections (Linux: 32768 and up), so that between
 * being found free and being listened on a port can only be lost to another program that looks for one in this way.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const PORT_MIN = 20_000;
const PORT_MAX = 32_767;
const TRIES_MAX = 1000;

/** That many different ports. All are held until all are known. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { readonly port: number; readonly server: Server }[] = [];
  try {
    for (let tries = 0; held.length < count; tries += 1) {
      if (tries === TRIES_MAX) throw new Error(`no ${count} free ports in ${TRIES_MAX} tries`);
      const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN + 1));
      const server = await tryToHold(port);
      if (server !== undefined) held.push({ port, server });
    }
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map(async ({ server }) => once(server.close(), 'close')));
  }
}

/** One free port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no port was found');
  return port;
}

async function tryToHold(port: number): Promise<Server | undefined> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  server.once('listening', () => resolve(server));
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
    else reject(error);
  });
  server.listen(port, '127.0.0.1');
  return promise;
}

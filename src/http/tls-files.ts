/**
 * Files that say how TLS is served, read anew when they change: a certificate with its key, or CAs.
 *
 * States: the last content that was good. A change that is not good (a key without its certificate yet, a file half written)
 * changes nothing, is logged once, and is read again at the next occasion; so is a file that cannot be read.
 * Occasions are changes in the files' folders, where the system tells of them, and every minute, as Go's servers do: the
 * links of a mounted Secret are swapped above the files that a path names.
 */
import { createPrivateKey } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../model/message-of.ts';
import { parseCertificates } from './auth/certificate-pem.ts';
import { secureContextOptions } from './tls-options.ts';

/** A certificate (with its intermediates) and its key, as PEM. They fit. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Content that follows its files. */
export interface Followed<Content> {
  /** The last that was good. */
  readonly current: () => Content;
  /** Reads again now. Resolves when that is done, whatever came of it. */
  readonly check: () => Promise<void>;
  /** Stops following. */
  readonly close: () => void;
}

/** Calls `occasion` whenever the files may have changed, until the function it returns is called. */
export type Occasions = (paths: readonly string[], occasion: () => void) => () => void;

/** What following needs from outside. */
export interface FollowOptions<Content> {
  readonly logger: Logger;
  /** Told of each content after the first, when it is current already. What it throws undoes the change. */
  readonly onChange?: (content: Content) => void;
  readonly occasions?: Occasions;
}

const POLL_MS = 60_000;

/**
 * Follows a certificate and its key.
 * @throws Error where the first content is not to be had or not good: it names the files, never their content
 */
export function followKeyPair(
  certFile: string,
  keyFile: string,
  options: FollowOptions<KeyPair>,
): Promise<Followed<KeyPair>> {
  return follow([certFile, keyFile], ([certPem = '', keyPem = '']) => keyPairOf(certPem, keyPem), options);
}

/** Follows a bundle of CAs. @throws Error where the first content is not to be had or not good */
export function followCaFile(file: string, options: FollowOptions<string>): Promise<Followed<string>> {
  const parse = ([pem = '']: readonly string[]): string => {
    parseCertificates(pem);
    return pem;
  };
  return follow([file], parse, options);
}

function keyPairOf(certPem: string, keyPem: string): KeyPair {
  const [certificate] = parseCertificates(certPem);
  if (certificate?.checkPrivateKey(createPrivateKey(keyPem)) !== true) {
    throw new Error('the key is not the certificate’s');
  }
  secureContextOptions({ certPem, keyPem, caPem: '' });
  return { certPem, keyPem };
}

async function follow<Content>(
  paths: readonly string[],
  parse: (texts: readonly string[]) => Content,
  { logger, onChange, occasions = watchAndPoll }: FollowOptions<Content>,
): Promise<Followed<Content>> {
  const read = (): Promise<readonly string[]> => Promise.all(paths.map((path) => readFile(path, 'utf8')));
  let texts = await read();
  let current = parseFirst(paths, parse, texts);
  let problem = '';

  const readAgain = async (): Promise<void> => {
    try {
      const found = await read();
      if (!found.every((text, index) => text === texts[index])) {
        const before = current;
        current = parse(found);
        try {
          onChange?.(current);
        } catch (error) {
          // What cannot be put to use is not current, and is tried again too.
          current = before;
          throw error;
        }
        texts = found;
        logger.info({ paths }, 'files of TLS were read again');
      }
      problem = '';
    } catch (error) {
      const message = messageOf(error);
      if (message !== problem)
        logger.error({ paths, problem: message }, 'files of TLS are not good: what was read before stays');
      problem = message;
    }
  };
  // One reading after the other; what changes during one is seen by the next, which all who ask meanwhile share.
  let reading = Promise.resolve();
  let next: Promise<void> | undefined;
  const check = (): Promise<void> => {
    if (next === undefined) {
      reading = reading.then(() => {
        next = undefined;
        return readAgain();
      });
      next = reading;
    }
    return next;
  };
  const close = occasions(paths, () => void check());
  return { current: () => current, check, close };
}

function parseFirst<Content>(
  paths: readonly string[],
  parse: (texts: readonly string[]) => Content,
  texts: readonly string[],
): Content {
  try {
    return parse(texts);
  } catch (error) {
    throw new Error(`${paths.join(' and ')}: ${messageOf(error)}`, { cause: error });
  }
}

/** Watching may be impossible (limits, some file systems): then there is the minute. Neither keeps the process alive. */
function watchAndPoll(paths: readonly string[], occasion: () => void): () => void {
  const watchers = [...new Set(paths.map((path) => dirname(path)))].map((folder) =>
    tryToWatch(folder, occasion),
  );
  const timer = setInterval(occasion, POLL_MS).unref();
  return () => {
    clearInterval(timer);
    for (const watcher of watchers) watcher?.close();
  };
}

function tryToWatch(folder: string, occasion: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, () => occasion());
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}

/** The stream of a watch: a line of JSON for each event. Source: k8s.io/apimachinery/pkg/apis/meta/v1/watch.go. */
import { pipeline, type Readable } from 'node:stream';
import split2 from 'split2';
import {
  isObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import { ClusterError } from './cluster-error.ts';

/** One event. */
export interface WatchEvent {
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, or `ERROR`: then the object is a Status. */
  readonly type: string;
  readonly object: JsonObject;
}

/** UTF-16 code units; an object of etcd's own limit of 1.5 MiB fits, escaped. */
const LINE_LENGTH_MAX = 16_777_216;
const TOO_LONG = `kube-apiserver sent a line in a watch that is longer than ${LINE_LENGTH_MAX} characters`;

/**
 * The events, until the body ends.
 * @throws ClusterError CLUSTER_ANSWER where a line is no event or too long, else what the body fails with
 */
export async function* readWatch(body: Readable): AsyncGenerator<WatchEvent> {
  const lines = split2('\n', (line) => (line === '' ? undefined : decodeEvent(line)), {
    maxLength: LINE_LENGTH_MAX,
  });
  // Errors are thrown by the loop: pipeline destroys `lines` with them.
  pipeline(body, lines, () => undefined);
  const events: AsyncIterable<WatchEvent> = lines;
  try {
    yield* events;
  } catch (error) {
    throw isOverflow(error) ? new ClusterError('CLUSTER_ANSWER', TOO_LONG, { cause: error }) : error;
  }
}

/** split2 marks its error by nothing else. */
function isOverflow(error: unknown): boolean {
  return error instanceof Error && error.message === 'maximum buffer reached';
}

function decodeEvent(line: string): WatchEvent {
  const value = parseLine(line);
  const type = isObject(value) ? stringMember(value, 'type') : undefined;
  const object = isObject(value) ? objectMember(value, 'object') : undefined;
  if (type === undefined || object === undefined) {
    throw new ClusterError('CLUSTER_ANSWER', 'kube-apiserver sent a line in a watch that is no event');
  }
  return { type, object };
}

function parseLine(line: string): JsonValue | undefined {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

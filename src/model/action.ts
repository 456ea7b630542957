/**
 * An action: any audited mutating or connecting request with its code, and any refused request, whether or not it made
 * a version. Actions answer "what actions have been executed on the cluster?".
 */
import type { ObjectKey } from './object-key.ts';
import type { Micros } from './time.ts';
import type { Actor } from './version.ts';

/** An action's place in the index: 0 is the first recorded. Never changes while the process runs. */
export type ActionRef = number & { readonly __brand: 'ActionRef' };

/** One action. `object.name` is '' for requests on a collection or whose name was not recorded. */
export interface Action {
  readonly ref: ActionRef;
  readonly timestamp: Micros;
  readonly actor: Actor;
  readonly verb: string;
  readonly object: ObjectKey;
  readonly subresource: string;
  /** The HTTP status code of the answer; 101 for a connection that was taken over. */
  readonly code: number;
  readonly auditID: string;
  /** Whether the request asked for a dry run: it was answered, and nothing was stored. */
  readonly dryRun: boolean;
}

/** Brands an action's place. */
export function actionRef(value: number): ActionRef {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where an ActionRef is made
  return value as ActionRef;
}

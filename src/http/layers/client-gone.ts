/** A client that goes away before it has its answer: nobody's fault, and nobody is left to be told of it. */

/** For the metrics and the log only, after nginx: it is never sent. */
export const CLIENT_GONE_CODE = 499;

/** Why work for an answer is given up where its client is gone. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
  readonly code = 'CLIENT_GONE';

  constructor() {
    super('the client is gone');
  }
}

/** Which Host headers a plain listener on the loopback interface may answer. */

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i;

/**
 * Whether a Host header names the loopback interface; one that is absent or empty comes from no browser and passes.
 *
 * A web page can point its own name at 127.0.0.1 (DNS rebinding) and have the browser of whoever looks at it read this
 * API. Such a request still carries the page's name.
 */
export function isLoopbackHost(host: string): boolean {
  return host === '' || LOOPBACK.test(host);
}

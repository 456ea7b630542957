import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, InvalidArgumentError } from 'commander';
import { UsageError } from './errors.ts';
import { refuseLostServingFlags, servingOptions, type ServingFlags } from './serving-options.ts';

/** What an option makes of a text. */
function parse(flag: string, text: string): unknown {
  const option = servingOptions().find(({ long }) => long === flag);
  assert.ok(option?.parseArg !== undefined, flag);
  return option.parseArg(text, undefined);
}

test('durations within their bounds, in whole milliseconds', () => {
  for (const [flag, text, ms] of [
    ['--request-timeout', '1s', 1000],
    ['--request-timeout', '24h', 86_400_000],
    ['--request-timeout', '1m30s', 90_000],
    ['--shutdown-delay-duration', '0', 0],
    ['--shutdown-delay-duration', '1h', 3_600_000],
    ['--authorization-webhook-cache-authorized-ttl', '0', 0],
    ['--authentication-token-webhook-cache-ttl', '1.6ms', 2],
  ] as const) {
    assert.equal(parse(flag, text), ms, `${flag} ${text}`);
  }
});

test('what is no duration, or no sensible one, is refused with its bounds', () => {
  for (const [flag, bounds, texts] of [
    ['--request-timeout', 'from 1s to 24h', ['0', '999ms', '25h', '600h', '999999999h', 'soon', '', '-1s']],
    ['--shutdown-delay-duration', 'from 0 to 1h', ['61m', '600h', 'soon', '']],
    ['--authorization-webhook-cache-unauthorized-ttl', 'from 0 to 24h', ['25h', 'x']],
  ] as const) {
    for (const text of texts) {
      assert.throws(
        () => parse(flag, text),
        (error) => error instanceof InvalidArgumentError && error.message.includes(bounds),
        `${flag} ${text}`,
      );
    }
  }
});

test('what would be ignored is refused by its name', () => {
  const refused = (securePort: number | undefined, ...given: string[]): string => {
    const command = new Command();
    for (const option of servingOptions()) command.addOption(option);
    const flags = command.parse([], { from: 'user' }).opts<ServingFlags>();
    try {
      const port = securePort === undefined ? {} : { securePort };
      refuseLostServingFlags({ ...flags, ...port }, (attribute) => given.includes(attribute));
    } catch (error) {
      return error instanceof UsageError ? error.message : 'no UsageError';
    }
    return '';
  };
  assert.match(refused(undefined, 'kubeconfig'), /^--kubeconfig is given, but no --secure-port/);
  assert.match(refused(undefined, 'tlsCertFile'), /^--tls-cert-file is given, but no --secure-port/);
  assert.equal(refused(undefined, 'maxRequestsInflight', 'requestTimeout', 'shutdownDelayDuration'), '');
  assert.match(
    refused(8443, 'requestheaderAllowedNames'),
    /^--requestheader-allowed-names is given, but no --requestheader-client-ca-file/,
  );
  assert.equal(refused(8443, 'kubeconfig', 'bindAddress'), '');
});
